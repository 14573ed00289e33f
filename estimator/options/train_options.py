"""The command line of train.py: flags to one frozen, validated `Options`."""

import functools
import math
from dataclasses import dataclass
from typing import Tuple

from estimator.errors import OptionsError
from estimator.options.flag_types import AUTO, DETECT
from estimator.options.flags import (
    DATA,
    NETWORK,
    PREDICTION,
    all_flags,
    make_fields,
    names_of_role,
)
from estimator.options.presets import NO_JITTER, flags_of
from estimator.options.rules import check_options
from estimator.options.train_flags import TRAIN_GROUPS, build_parser
from estimator.palettes.palette import entries_of, load_palette
from input_fn import SIDE_BY_SIDE

# What must be the same when a run is resumed.
NETWORK_FIELDS = names_of_role(TRAIN_GROUPS, NETWORK)
# How files become what the network was trained on: the same in testing unless said otherwise.
DATA_FIELDS = names_of_role(TRAIN_GROUPS, DATA)
# What a prediction depends on beside these; flags may change them after training.
PREDICTION_FIELDS = names_of_role(TRAIN_GROUPS, PREDICTION)

# The paper enlarges pictures by this much before it crops them (section 6.2).
_JITTER = 286 / 256

# The flags of palettes, and those of the channels that they stand for.
PALETTES = {"palette_input": "input_nc", "palette_output": "output_nc"}
_COLOUR_CHANNELS = 3
_NOT_OF_LABEL_MAPS = ("inputs", "neighbours", "value_range", "nodata", "weights")

# The most steps to a session run that are chosen for someone. ModelZoo's estimator programs make 10
# to 100; by 10 the cost of a run is spread well enough, and the lines on the console stay frequent.
_MOST_STEPS_PER_RUN = 10


@dataclass(frozen=True)
class Options(make_fields("_TrainFields", TRAIN_GROUPS)):
    """One run, frozen. The fields are the flags (see `TRAIN_GROUPS`), and the command line.

    Attributes:
        command: The arguments that it was started with.
    """

    command: Tuple[str, ...] = ()


def parse_options(arguments, stored=None):
    """Parses and validates a command line.

    Args:
        arguments: List of strings, without the program's name.
        stored: Dict of field values to use where a flag is not given, or None for the defaults.

    Returns:
        `Options`.

    Raises:
        OptionsError: A flag is unknown, malformed, or out of range, or does not go with others;
            with --phase=test the latter is found with `stored` only, what the run keeps.
    """
    parser = build_parser()
    if stored:
        parser.set_defaults(**stored)
    values = vars(parser.parse_args(arguments))
    if values["preset"]:
        # Once more, with other defaults: what was typed goes before.
        parser.set_defaults(**flags_of(values["preset"]))
        values = vars(parser.parse_args(arguments))
    _settle_load_size(values)
    if values["frozen_dir"] is None:
        values["frozen_dir"] = values["checkpoint_dir"].rstrip("/") + "/frozen"
    for name in PALETTES:
        _settle_palette(values, name, stored or {})
    if values["lab_colorization"]:
        _settle_colorization(values)
    if values["iterations_per_loop"] == AUTO:
        values["iterations_per_loop"] = _steps_per_run(values)
    options = Options(command=tuple(arguments), **values)
    if options.phase == "train" or stored:
        check_options(options)
    return options


def _settle_load_size(values):
    if values["load_size"] is None:
        values["load_size"] = tuple(round(side * _JITTER) for side in values["fine_size"])
    elif values["load_size"] == NO_JITTER:
        values["load_size"] = values["fine_size"]


def _steps_per_run(values):
    """Finds the largest number of steps that fills every interval evenly."""
    names = ("save_checkpoints_steps", "max_steps", "print_freq", "save_frozen_steps")
    common = functools.reduce(math.gcd, (values[name] or 0 for name in names))
    return max(steps for steps in range(1, _MOST_STEPS_PER_RUN + 1) if common % steps == 0)


def _settle_palette(values, name, stored):
    """Reads the palette that a flag names; what is found in data is settled by the run."""
    asked, channels = values[name], values[PALETTES[name]]
    if asked is None:
        return
    others = {
        "--lab_colorization": values["lab_colorization"],
        f"--alpha={values['alpha']}": values["alpha"] in ("keep", "mask"),
        f"--{PALETTES[name]}={channels}": channels != _COLOUR_CHANNELS,
        **{f"--{other}": values[other] for other in _NOT_OF_LABEL_MAPS},
    }
    for other, is_given in others.items():
        if is_given and asked == DETECT:
            values[name] = None
            return
        if is_given:
            raise OptionsError(
                f"--{name}: is of pictures in RGB of 8 bits, all of whose pixels count; leave it "
                f"or {other} out"
            )
    if asked == AUTO:
        values[name] = stored.get(name) or AUTO
    elif asked == DETECT:
        values[name] = stored.get(name) if stored else DETECT
    elif isinstance(asked, str):
        values[name] = entries_of(load_palette(asked, name))


def _settle_colorization(values):
    """Sets the channels of colorization: L in, a and b out."""
    if (values["input_nc"], values["output_nc"]) not in ((3, 3), (1, 2)):
        raise OptionsError(
            "--lab_colorization has 1 channel in and 2 out; leave --input_nc and --output_nc out"
        )
    values["input_nc"], values["output_nc"] = 1, 2
    for name, value in (("data_layout", SIDE_BY_SIDE), ("which_direction", "AtoB")):
        if values[name] != value:
            raise OptionsError(
                f"--{name} {values[name]}: --lab_colorization takes single photos and goes from L "
                f"to a, b; leave --{name} out"
            )


def field_names():
    """Lists the names of all options but the command line itself."""
    return [flag.name for flag in all_flags(TRAIN_GROUPS)]


def default_of(name):
    """Gives the value that a field has where neither the command line nor a stored run has one.

    Args:
        name: Name of a field of `Options`.

    Returns:
        The value as `Options` holds it; None for fields that follow from others, or have none.
    """
    (flag,) = [flag for flag in all_flags(TRAIN_GROUPS) if flag.name == name]
    return flag.value
