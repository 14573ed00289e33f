"""Checkpoint folders of ranks that save each for itself: all must resume at the same step."""

import os
import re

from estimator.errors import OptionsError
from input_fn import write_bytes

_STATE_FILE = "checkpoint"  # Where TensorFlow keeps the name of the newest checkpoint.
_INDEX_FILE = re.compile(r"model\.ckpt-(\d+)\.index")
_NEWEST = re.compile(r'^model_checkpoint_path: ".*model\.ckpt-(\d+)"', re.MULTILINE)


def align_ranks(folders, write=print):
    """Sets all ranks back to the newest step that every rank has saved.

    A job that was stopped while it saved leaves ranks a save apart. Resumed like that they would
    make different numbers of steps, and wait for each other forever.

    Args:
        folders: The ranks' checkpoint folders; those that do not exist yet are empty.
        write: Function that prints a line.

    Raises:
        OptionsError: Some ranks have checkpoints and others none, or none of the same step.
    """
    newest = {folder: _newest_step(folder) for folder in folders}
    if len(set(newest.values())) == 1:
        return
    common = set.intersection(*(_saved_steps(folder) for folder in folders))
    if not common:
        steps = ", ".join(f"{folder}: {step}" for folder, step in newest.items())
        raise OptionsError(
            f"the ranks have no checkpoint of the same step ({steps}); "
            "move these folders away to start afresh"
        )
    step = max(common)
    write(f"the ranks had saved different steps; all resume at step {step}")
    for folder in folders:
        state = f'model_checkpoint_path: "model.ckpt-{step}"\n'
        write_bytes(os.path.join(folder, _STATE_FILE), state.encode("utf-8"))


def _saved_steps(folder):
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return {int(match.group(1)) for match in map(_INDEX_FILE.fullmatch, names) if match}


def _newest_step(folder):
    path = os.path.join(folder, _STATE_FILE)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        match = _NEWEST.search(file.read())
    return int(match.group(1)) if match else None
