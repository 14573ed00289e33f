"""The checkpoint folder: whose run it holds, and whether this run may go on in it."""

import os

from estimator.errors import OptionsError
from estimator.options.train_options import NETWORK_FIELDS, PALETTES, default_of
from estimator.run.checkpoints import latest_checkpoint
from estimator.run.stored_run import (
    IMPORTED,
    OPTIMIZER_STATE,
    OPTIONS_FILE,
    PAIRS,
    absolute_path,
    fingerprint_of,
    latest_step,
    read_stored,
    stored_options,
)


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
            if name in PALETTES:
                return (
                    f"--{name}: the classes differ from those of the run in "
                    f"{options.checkpoint_dir}, which has {_shown_palette(held)}, and this one "
                    f"{_shown_palette(asked)}; use another --checkpoint_dir"
                )
            way = f"leave --{name} out" if held is None else f"use --{name} {_shown(held)}"
            return (
                f"--{name} {_shown(asked)}: the run in {options.checkpoint_dir} has "
                f"{_shown(held)}; {way}, or another --checkpoint_dir"
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


def _import_difference(options):
    """Says that the folder holds a generator alone, of another program, or returns None."""
    origin = read_stored(options.checkpoint_dir).get(IMPORTED)
    if origin is None:
        return None
    return (
        f"--checkpoint_dir {options.checkpoint_dir}: holds an imported generator ({origin}) "
        "without a discriminator, so its training cannot go on; use another --checkpoint_dir, with "
        "--init_from to begin with it"
    )


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


def _state_difference(options, optimizer_state):
    """Says how the optimizers' state differs from what the run's checkpoints hold, or None."""
    held = read_stored(options.checkpoint_dir).get(OPTIMIZER_STATE, optimizer_state)
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
    return None if held in (None, absolute_path(options.data_path)) else held


def _data_difference(options, names):
    """Says that the run's data set is another one, or returns None.

    A folder may be renamed, moved or packed, and what is in it may grow: another data set is one
    that has another path and other names.
    """
    held = other_data_path(options)
    if held is None or latest_step(options.checkpoint_dir) is None:
        return None
    pairs = read_stored(options.checkpoint_dir).get(PAIRS)
    # Of a run of before the names were kept, only the path can tell; nothing is refused for that.
    is_unknown = pairs is None and options.existing == "refuse"
    if is_unknown or pairs == fingerprint_of(names):
        return None
    return (
        f"--data_path {options.data_path}: the run in {options.checkpoint_dir} was trained on "
        f"other pairs, those of {held}; use another --checkpoint_dir, or --existing=archive"
    )


def _archive(folder):
    folder = folder.rstrip("/")
    number = 1
    while os.path.exists(f"{folder}.{number}"):
        number += 1
    os.rename(folder, f"{folder}.{number}")
    return f"{folder}.{number}"


def _shown_palette(entries):
    return "none" if entries is None else ", ".join(entries)


def _shown(value):
    if not isinstance(value, tuple):
        return "none" if value is None else str(value)
    # Sizes are numbers, names of inputs are not.
    return ("," if isinstance(value[0], str) else "x").join(map(str, value))
