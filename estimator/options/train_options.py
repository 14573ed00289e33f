"""The command line of train.py: flags to one frozen, validated `Options`."""

import functools
import math
import os
from dataclasses import dataclass
from typing import Tuple

from estimator.devices.precision import MIXED_MODES
from estimator.errors import OptionsError
from estimator.options import views
from estimator.options.flag_types import AUTO, LATEST, Automatic
from estimator.options.flags import (
    DATA,
    NETWORK,
    PREDICTION,
    all_flags,
    make_fields,
    names_of_role,
)
from estimator.options.presets import NO_JITTER, flags_of
from estimator.options.train_flags import TRAIN_GROUPS, build_parser
from input_fn import FOLDERS, SIDE_BY_SIDE
from model_fn import SizeError, check_together

# What must be the same when a run is resumed.
NETWORK_FIELDS = names_of_role(TRAIN_GROUPS, NETWORK)
# How files become what the network was trained on: the same in testing unless said otherwise.
DATA_FIELDS = names_of_role(TRAIN_GROUPS, DATA)
# What a prediction depends on beside these; flags may change them after training.
PREDICTION_FIELDS = names_of_role(TRAIN_GROUPS, PREDICTION)

# The paper enlarges pictures by this much before it crops them (section 6.2).
_JITTER = 286 / 256

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
        OptionsError: A flag is unknown, malformed, or out of range.
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
    if values["lab_colorization"]:
        _settle_colorization(values)
    if values["iterations_per_loop"] == AUTO:
        values["iterations_per_loop"] = _steps_per_run(values)
    options = Options(command=tuple(arguments), **values)
    _check_together(options)
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


def _check_together(options):
    """Holds the rules that concern more than the value of one flag."""
    _check_inputs(options)
    if any(load < fine for load, fine in zip(options.load_size, options.fine_size)):
        raise OptionsError(
            f"--load_size {size_text(options.load_size)} is smaller than --fine_size "
            f"{size_text(options.fine_size)}; it must be at least as large"
        )
    _check_data(options)
    _check_parts(options)
    _check_steps_per_run(options)
    if options.over_dump and options.data_dump_flag:
        raise OptionsError(
            "--over_dump and --data_dump_flag: the device dumps one or the other; leave one out"
        )
    _check_mixlist(options)
    _check_checkpoints(options)


def _check_data(options):
    """Holds the rules of how files become values."""
    if options.lab_colorization and isinstance(options.value_range, Automatic):
        raise OptionsError(
            "--value_range auto: photos to be coloured have the range of their type, or one that "
            "is given; leave it out"
        )
    try:
        views.pair_format(options)
    except ValueError as error:
        raise OptionsError(str(error)) from None


def _check_inputs(options):
    """Holds the rules of several inputs."""
    for name, value in (("inputs", options.inputs), ("neighbours", options.neighbours)):
        if value and (options.data_layout != FOLDERS or options.lab_colorization):
            raise OptionsError(
                f"--{name}: the inputs are files in folders of their own; add --data_layout=folders"
            )
    for name, needed in (("target", "inputs"), ("group", "neighbours")):
        value = getattr(options, name)
        if value is not None and not getattr(options, needed):
            raise OptionsError(f"--{name} {value}: needs --{needed}; add it, or leave this out")
    if not options.inputs:
        return
    names = [part.partition(":")[0] for part in options.inputs]
    if options.target is None or options.target in names:
        raise OptionsError(
            f"--inputs {','.join(options.inputs)}: need a folder of targets, none of theirs; add "
            "--target=NAME"
        )
    if options.which_direction != "AtoB":
        raise OptionsError(
            f"--which_direction {options.which_direction}: --inputs and --target say what goes in "
            "and out; leave it out"
        )


def _check_checkpoints(options):
    """Holds the rules on which checkpoints are kept and used."""
    if options.phase == "test":
        return
    if options.step != LATEST:
        raise OptionsError(
            f"--step {options.step}: chooses a checkpoint for --phase=test; training goes on from "
            "the latest, leave it out"
        )
    if options.keep_best is None:
        return
    if options.eval_steps == 0:
        raise OptionsError(
            f"--keep_best {options.keep_best}: needs the scores of val/, which --eval_steps 0 "
            "turns off; leave one of them out"
        )
    if "://" in options.checkpoint_dir:
        raise OptionsError(
            f"--keep_best {options.keep_best}: copies files of one file system, and "
            f"--checkpoint_dir {options.checkpoint_dir} is in an object store; leave it out"
        )


def _check_parts(options):
    """Holds the rules of networks and objective."""
    try:
        check_together(views.network_config(options), views.objective_config(options))
    except SizeError as error:
        raise OptionsError(f"--fine_size: {error}") from None
    except ValueError as error:
        raise OptionsError(str(error)) from None
    if options.n_epochs_decay is not None and options.lr_policy not in ("linear", "step"):
        raise OptionsError(
            f"--n_epochs_decay {options.n_epochs_decay}: is of --lr_policy linear and step, "
            f"--lr_policy is {options.lr_policy}; leave one of them out"
        )


def _check_mixlist(options):
    if options.modify_mixlist is None:
        return
    if not os.path.isfile(options.modify_mixlist):
        raise OptionsError(f"--modify_mixlist {options.modify_mixlist}: there is no such file")
    mode = options.precision_mode
    if mode is not None and mode not in MIXED_MODES:
        raise OptionsError(
            f"--modify_mixlist: --precision_mode {mode} chooses by no lists; leave one of them "
            f"out, or use one of {', '.join(sorted(MIXED_MODES))}"
        )


def _check_steps_per_run(options):
    """Holds the rule of NPUs that the steps of a run fill intervals and training evenly."""
    steps = options.iterations_per_loop
    for name in ("save_checkpoints_steps", "max_steps"):
        value = getattr(options, name)
        if value is not None and value % steps:
            below = value // steps * steps
            works = f"{below} or {below + steps}" if below else str(steps)
            raise OptionsError(
                f"--iterations_per_loop {steps} does not divide --{name} {value}; "
                f"--{name} {works} works"
            )


def size_text(size):
    """Writes (256, 512) as "256x512"."""
    return "x".join(map(str, size))


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
