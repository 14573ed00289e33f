"""The checkpoint folder: whose run it holds, and whether this run may go on in it."""

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
    default_of,
    field_names,
)
from estimator.run.checkpoints import latest_checkpoint, step_of
from input_fn import write_json

OPTIONS_FILE = "options.json"
# Set by the launcher, different in each launch.
LAUNCH_VARIABLE = "PIX2PIX_RUN"
_IMPORTED = "imported"
_LAUNCH = "launch"
_LONGEST_WAIT = 600
_OPTIMIZER_STATE = "optimizer_state"
_PAIRS = "pairs"


def stored_options(checkpoint_dir):
    """Reads the options of the run that a folder holds.

    Args:
        checkpoint_dir: The folder; it need not exist.

    Returns:
        Dict of field to value; empty where there is no run.

    Raises:
        OptionsError: `options.json` cannot be read.
    """
    stored = _stored(checkpoint_dir)
    known = {name: stored[name] for name in field_names() if name in stored}
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in known.items()
    }


def _stored(checkpoint_dir):
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


def network_difference(options):
    """Says how the options' network differs from that of the run in the folder.

    Args:
        options: `Options`.

    Returns:
        One line naming the flag and both values, or None.
    """
    stored = stored_options(options.checkpoint_dir)
    if not stored:
        return None
    for name in NETWORK_FIELDS:
        # A run of before there was this option is one of its default.
        held, asked = stored.get(name, default_of(name)), getattr(options, name)
        if held != asked:
            asked, held = _shown(asked), _shown(held)
            return (
                f"--{name} {asked}: the run in {options.checkpoint_dir} has {held}; "
                f"use --{name} {held}, or another --checkpoint_dir"
            )
    return None


def settle_existing_run(options, target_step, optimizer_state, names):
    """Refuses to mix two runs in a folder, or moves the older one aside.

    With `--existing archive` the folder is renamed, never deleted, if it holds another network,
    another data set, or a run that is finished already.

    Args:
        options: `Options`.
        target_step: The step at which this run ends.
        optimizer_state: What the device's optimizers keep in a checkpoint, in words.
        names: Of the pairs to train on.

    Returns:
        The folder's new name if it was moved, or None.

    Raises:
        OptionsError: The networks or the data sets differ and `--existing` is refuse, or the
            folder's checkpoint is not of this program.
    """
    has_checkpoint = latest_checkpoint(options.checkpoint_dir) is not None
    if has_checkpoint and not stored_options(options.checkpoint_dir):
        raise OptionsError(
            f"--checkpoint_dir {options.checkpoint_dir}: holds a checkpoint but no {OPTIONS_FILE}, "
            "so it may be of another program; choose another folder"
        )
    difference = _difference(options, optimizer_state, names)
    if difference and options.existing == "refuse":
        raise OptionsError(difference)
    if not is_to_make_way(options, target_step, optimizer_state, names):
        return None
    frozen_inside = os.path.abspath(options.frozen_dir).startswith(
        os.path.abspath(options.checkpoint_dir) + os.sep
    )
    if os.path.isdir(options.frozen_dir) and not frozen_inside:
        _archive(options.frozen_dir)
    return _archive(options.checkpoint_dir)


def is_to_make_way(options, target_step, optimizer_state, names):
    """Says whether the run in the folder will be moved aside; arguments as before."""
    if options.existing == "refuse":
        return False
    step = latest_step(options.checkpoint_dir)
    finished = step is not None and step >= target_step
    return finished or _difference(options, optimizer_state, names) is not None


def _difference(options, optimizer_state, names):
    """Says how the run in the folder differs from this one, so that it cannot go on, or None."""
    return (
        _import_difference(options)
        or network_difference(options)
        or _state_difference(options, optimizer_state)
        or _data_difference(options, names)
    )


def _import_difference(options):
    """Says that the folder holds a generator alone, of another program, or returns None."""
    origin = _stored(options.checkpoint_dir).get(_IMPORTED)
    if origin is None:
        return None
    return (
        f"--checkpoint_dir {options.checkpoint_dir}: holds an imported generator ({origin}) "
        "without a discriminator, so its training cannot go on; use another --checkpoint_dir"
    )


def _state_difference(options, optimizer_state):
    """Says how the optimizers' state differs from what the run's checkpoints hold, or None."""
    held = _stored(options.checkpoint_dir).get(_OPTIMIZER_STATE, optimizer_state)
    if held == optimizer_state:
        return None
    return (
        f"--loss_scale: the checkpoints in {options.checkpoint_dir} have {held}, this run would "
        f"have {optimizer_state}; resume with the --loss_scale, --precision_mode and --device of "
        "that run, or use another --checkpoint_dir"
    )


def other_data_path(options):
    """Says where the data of the run in the folder was, if it was elsewhere; else None."""
    held = stored_options(options.checkpoint_dir).get("data_path")
    return None if held in (None, _absolute(options.data_path)) else held


def _data_difference(options, names):
    """Says that the run's data set is another one, or returns None.

    A folder may be renamed, moved or packed, and what is in it may grow: another data set is one
    that has another path and other names.
    """
    held = other_data_path(options)
    if held is None or latest_step(options.checkpoint_dir) is None:
        return None
    pairs = _stored(options.checkpoint_dir).get(_PAIRS)
    # Of a run of before the names were kept, only the path can tell; nothing is refused for that.
    is_unknown = pairs is None and options.existing == "refuse"
    if is_unknown or pairs == _fingerprint(names):
        return None
    return (
        f"--data_path {options.data_path}: the run in {options.checkpoint_dir} was trained on "
        f"other pairs, those of {held}; use another --checkpoint_dir, or --existing=archive"
    )


def _fingerprint(names):
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def _absolute(data_path):
    return data_path if "://" in data_path else os.path.abspath(data_path)


def write_options(options, optimizer_state, names):
    """Writes `options.json` into the checkpoint folder.

    Args:
        options: `Options`.
        optimizer_state: What the device's optimizers keep in a checkpoint, in words.
        names: Of the pairs to train on.
    """
    values = {
        **asdict(options),
        "data_path": _absolute(options.data_path),
        _PAIRS: _fingerprint(names),
        _OPTIMIZER_STATE: optimizer_state,
        _LAUNCH: os.environ.get(LAUNCH_VARIABLE),
    }
    write_json(os.path.join(options.checkpoint_dir, OPTIONS_FILE), values)


def write_imported_options(options, origin):
    """Writes `options.json` for a generator that was trained by another program.

    Args:
        options: `Options`.
        origin: What it is and where it is from, in words.
    """
    values = {**asdict(options), "data_path": None, _IMPORTED: origin}
    write_json(os.path.join(options.checkpoint_dir, OPTIONS_FILE), values)


def is_begun(checkpoint_dir, launch):
    """Says whether the chief of a launch has settled the folder."""
    return _stored(checkpoint_dir).get(_LAUNCH) == launch


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


def _archive(folder):
    folder = folder.rstrip("/")
    number = 1
    while os.path.exists(f"{folder}.{number}"):
        number += 1
    os.rename(folder, f"{folder}.{number}")
    return f"{folder}.{number}"


def _shown(value):
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
