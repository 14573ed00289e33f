"""The command line of train.py: flags to one frozen, validated `Options`."""

import os
from dataclasses import dataclass, field, fields
from typing import Optional, Tuple, Union

from estimator.errors import OptionsError
from estimator.options.train_flags import build_parser
from input_fn import SIDE_BY_SIDE
from model_fn import generator_depth

# The paper enlarges pictures by this much before it crops them (section 6.2).
_JITTER = 286 / 256


@dataclass(frozen=True)
class Options:
    """One run. The fields are the flags; see `build_parser` for their meaning."""

    data_path: str
    checkpoint_dir: str
    frozen_dir: str
    phase: str
    existing: str
    which_direction: str
    train_size: Optional[int]
    load_size: Tuple[int, int]
    fine_size: Tuple[int, int]
    no_flip: bool
    resize: str
    data_layout: str
    alpha: str
    value_range: Optional[Tuple[float, float]]
    lab_colorization: bool
    cache: str
    skip_bad: bool
    ngf: int
    ndf: int
    input_nc: int
    output_nc: int
    epoch: int
    max_steps: Optional[int]
    batch_size: int
    learning_rate: float
    beta1: float
    L1_lambda: float
    gan_weight: float
    seed: int
    test_dropout: bool
    split: Optional[str]
    label_palette: Optional[str]
    inception_graph: Optional[str]
    inception_nodes: Tuple[str, str]
    save_checkpoints_steps: int
    save_frozen_steps: int
    summary_freq: int
    image_freq: int
    print_freq: int
    eval_steps: Optional[int]
    device: str
    precision_mode: Optional[str]
    modify_mixlist: Optional[str]
    loss_scale: Union[str, float, None]
    init_loss_scale: float
    loss_scale_growth_interval: int
    loss_scale_growth_ratio: float
    loss_scale_backoff_ratio: float
    iterations_per_loop: int
    autotune: bool
    over_dump: bool
    over_dump_path: str
    data_dump_flag: bool
    data_dump_path: str
    data_dump_step: str
    profiling: bool
    profiling_dump_path: str
    command: Tuple[str, ...] = field(default=())


def parse_options(arguments, stored=None):
    """Parses and validates a command line.

    Args:
        arguments: List of strings, without the program's name.
        stored: Dict of field values to use where a flag is not given, or None.

    Returns:
        `Options`.

    Raises:
        OptionsError: A flag is unknown, malformed, or out of range.
    """
    parser = build_parser()
    if stored:
        parser.set_defaults(**stored)
    values = vars(parser.parse_args(arguments))
    if values["load_size"] is None:
        values["load_size"] = tuple(round(side * _JITTER) for side in values["fine_size"])
    if values["frozen_dir"] is None:
        values["frozen_dir"] = values["checkpoint_dir"].rstrip("/") + "/frozen"
    if values["lab_colorization"]:
        _settle_lab(values)
    options = Options(command=tuple(arguments), **values)
    _check(options)
    return options


def _settle_lab(values):
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


def _check(options):
    try:
        generator_depth(*options.fine_size)
    except ValueError as error:
        raise OptionsError(f"--fine_size: {error}") from None
    if any(load < fine for load, fine in zip(options.load_size, options.fine_size)):
        raise OptionsError(
            f"--load_size {size_text(options.load_size)} is smaller than --fine_size "
            f"{size_text(options.fine_size)}; it must be at least as large"
        )
    _check_steps_per_run(options)
    if options.over_dump and options.data_dump_flag:
        raise OptionsError(
            "--over_dump and --data_dump_flag: the device dumps one or the other; leave one out"
        )
    if options.modify_mixlist is not None and not os.path.isfile(options.modify_mixlist):
        raise OptionsError(f"--modify_mixlist {options.modify_mixlist}: there is no such file")


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
    return [each.name for each in fields(Options) if each.name != "command"]
