"""Which checkpoint of a run is used: the latest, the best, or that of a step."""

import os
from collections import namedtuple

from estimator.errors import OptionsError
from estimator.options.flag_types import BEST, LATEST
from estimator.run.best import best_folder, read_best
from estimator.run.checkpoints import kept_checkpoints, latest_checkpoint, step_of

Checkpoint = namedtuple("Checkpoint", ["path", "step"])
Checkpoint.__doc__ = """A checkpoint: its path, less extension, and its step."""


def choose_checkpoint(options):
    """Finds the checkpoint that `--step` asks for.

    Args:
        options: `Options`.

    Returns:
        `Checkpoint`.

    Raises:
        OptionsError: There is none; lists the steps that there are.
    """
    if options.step == LATEST:
        path = latest_checkpoint(options.checkpoint_dir)
        if path is not None:
            return Checkpoint(path, step_of(path))
    best = read_best(options.checkpoint_dir)
    if options.step != LATEST:
        path = dict(kept_checkpoints(options.checkpoint_dir)).get(options.step)
        if path is not None:
            return Checkpoint(path, options.step)
        if best is not None and options.step in (BEST, best.step):
            folder = best_folder(options.checkpoint_dir)
            return Checkpoint(os.path.join(folder, best.checkpoint), best.step)
    held = [str(step) for step, _ in kept_checkpoints(options.checkpoint_dir)]
    held += [] if best is None else [f"as best {best.step}"]
    hint = " (train.py --keep_best keeps one)" if options.step == BEST else ""
    raise OptionsError(
        f"--step {options.step}: the run in {options.checkpoint_dir} has no such checkpoint{hint}; "
        f"the steps that there are: {', '.join(held) or 'none'}"
    )
