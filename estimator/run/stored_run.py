"""What a checkpoint folder says of its run, in options.json: reading it and writing it."""

import hashlib
import json
import os
import time
from dataclasses import asdict

from estimator.errors import OptionsError, RunError
from estimator.options.train_options import (
    DATA_FIELDS,
    NETWORK_FIELDS,
    PREDICTION_FIELDS,
    field_names,
)
from estimator.run.checkpoints import latest_checkpoint, step_of
from input_fn import write_json

OPTIONS_FILE = "options.json"
# Set by the launcher, different in each launch.
LAUNCH_VARIABLE = "PIX2PIX_RUN"
# What the file has beside the options.
IMPORTED, OPTIMIZER_STATE, PAIRS = "imported", "optimizer_state", "pairs"
_LAUNCH = "launch"
_LONGEST_WAIT = 600


def stored_options(checkpoint_dir):
    """Reads the options of the run that a folder holds.

    Args:
        checkpoint_dir: The folder; it need not exist.

    Returns:
        Dict of field to value; empty where there is no run.

    Raises:
        OptionsError: `options.json` cannot be read.
    """
    stored = read_stored(checkpoint_dir)
    return {name: as_tuples(stored[name]) for name in field_names() if name in stored}


def as_tuples(value):
    """Turns lists, which is what JSON has, into tuples, and those in them."""
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


def read_stored(checkpoint_dir):
    """Reads all that the file holds; an empty dict where there is none. Errors as above."""
    path = os.path.join(checkpoint_dir, OPTIONS_FILE)
    if not os.path.exists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise OptionsError(f"{path}: cannot be read ({error}); choose another folder") from None


def stored_network(checkpoint_dir):
    """Reads what decides the network, what it sees and what it predicts.

    Args:
        checkpoint_dir: The folder of a run.

    Returns:
        Dict of field to value.

    Raises:
        OptionsError: There is no run in the folder, or its options cannot be read.
    """
    stored = stored_options(checkpoint_dir)
    if not stored or latest_step(checkpoint_dir) is None:
        raise OptionsError(
            f"--checkpoint_dir {checkpoint_dir}: holds no trained run; name the folder that "
            "training wrote its checkpoints to"
        )
    names = NETWORK_FIELDS + DATA_FIELDS + PREDICTION_FIELDS
    return {name: stored[name] for name in names if name in stored}


def latest_step(checkpoint_dir):
    """Finds the step of the newest checkpoint; None where there is none."""
    path = latest_checkpoint(checkpoint_dir)
    return None if path is None else step_of(path)


def write_options(options, optimizer_state, names):
    """Writes `options.json` into the checkpoint folder.

    Args:
        options: `Options`.
        optimizer_state: What the device's optimizers keep in a checkpoint, in words.
        names: Of the pairs to train on.
    """
    values = {
        **asdict(options),
        "data_path": absolute_path(options.data_path),
        PAIRS: fingerprint_of(names),
        OPTIMIZER_STATE: optimizer_state,
        _LAUNCH: os.environ.get(LAUNCH_VARIABLE),
    }
    write_json(os.path.join(options.checkpoint_dir, OPTIONS_FILE), values)


def write_imported_options(options, origin):
    """Writes `options.json` for a generator that was trained by another program.

    Args:
        options: `Options`.
        origin: What it is and where it is from, in words.
    """
    values = {**asdict(options), "data_path": None, IMPORTED: origin}
    write_json(os.path.join(options.checkpoint_dir, OPTIONS_FILE), values)


def is_begun(checkpoint_dir, launch):
    """Says whether the chief of a launch has settled the folder."""
    return read_stored(checkpoint_dir).get(_LAUNCH) == launch


def await_chief(options):
    """Waits until the chief of this launch has settled the folder that all ranks share.

    Ranks that a launcher has not started together do not wait.

    Args:
        options: `Options`.

    Raises:
        RunError: The chief has not done it in ten minutes.
    """
    launch = os.environ.get(LAUNCH_VARIABLE)
    deadline = time.monotonic() + _LONGEST_WAIT
    while launch is not None and not is_begun(options.checkpoint_dir, launch):
        if time.monotonic() > deadline:
            raise RunError(
                f"{options.checkpoint_dir}: rank 0 has not begun its run there in "
                f"{_LONGEST_WAIT} seconds; ranks that no launcher has started together must see "
                "the same folder"
            )
        time.sleep(0.1)


def fingerprint_of(names):
    """Makes a text of 64 digits by which the names of pairs are known again."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def absolute_path(data_path):
    """Makes a path absolute, unless it is that of an object store."""
    return data_path if "://" in data_path else os.path.abspath(data_path)
