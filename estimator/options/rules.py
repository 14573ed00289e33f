"""The rules of a training run that concern more than the value of one flag."""

import os

from estimator.devices.precision import MIXED_MODES
from estimator.errors import OptionsError
from estimator.options import views
from estimator.options.flag_types import LATEST, Automatic, size_text
from input_fn import FOLDERS
from model_fn import SizeError, check_together


def check_options(options):
    """Holds all of them.

    Args:
        options: `Options`.

    Raises:
        OptionsError: One is broken; says what would work.
    """
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
