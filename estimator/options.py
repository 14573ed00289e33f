"""The command line of train.py: flags to one frozen, validated `Options`."""

import argparse
from dataclasses import dataclass, field, fields
from typing import Optional, Tuple

from estimator.errors import OptionsError
from model_fn import generator_depth

PRECISION_MODES = (
    "allow_mix_precision",
    "allow_fp32_to_fp16",
    "force_fp16",
    "force_fp32",
    "must_keep_origin_dtype",
)
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
    save_checkpoints_steps: int
    save_frozen_steps: int
    summary_freq: int
    image_freq: int
    print_freq: int
    eval_steps: Optional[int]
    device: str
    precision_mode: Optional[str]
    autotune: bool
    command: Tuple[str, ...] = field(default=())


def parse_size(text):
    """Reads "256" or "256x512" (height x width) into (height, width)."""
    sides = text.lower().split("x")
    try:
        numbers = tuple(int(side) for side in sides)
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, 2) or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 256, or 256x512 (HxW)")
    return numbers * 2 if len(numbers) == 1 else numbers


def parse_boolean(text):
    """Reads true/false, yes/no, 1/0 in any case."""
    values = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in values:
        raise argparse.ArgumentTypeError(f"{text!r} is not a truth value; write true or false")
    return values[text.lower()]


def _number(kind, minimum, maximum=None, exclusive=False):
    def parse(text):
        wanted = f"{'above' if exclusive else 'at least'} {minimum}"
        wanted += "" if maximum is None else f" and below {maximum}"
        name = "whole number" if kind is int else "number"
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a {name}") from None
        too_low = value <= minimum if exclusive else value < minimum
        # NaN compares false with everything, infinity with every maximum: both are turned down.
        if value != value or value == float("inf") or too_low or (maximum and value >= maximum):
            raise argparse.ArgumentTypeError(f"{text} is out of range; it must be {wanted}")
        return value

    return parse


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        raise OptionsError(f"{message} (--help lists the flags)")


def build_parser():
    """Builds the parser of train.py; ModelZoo's flags keep their names."""
    parser = _OneLineParser(
        prog="train.py",
        description="Trains pix2pix on a folder of paired A|B images, and tests it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    positive = _number(int, 1)
    not_negative = _number(int, 0)
    switch = {"type": parse_boolean, "nargs": "?", "const": True, "metavar": "true|false"}

    run = parser.add_argument_group("run")
    run.add_argument(
        "--data_path", required=True, help="folder with train/ and perhaps val/, test/"
    )
    run.add_argument("--phase", choices=("train", "test"), default="train", help="what to do")
    run.add_argument(
        "--checkpoint_dir",
        "--model_dir",
        default="./checkpoint",
        help="folder of checkpoints, events and reports; the same command again resumes from it",
    )
    run.add_argument(
        "--frozen_dir", help="folder of frozen graphs (default: CHECKPOINT_DIR/frozen)"
    )
    run.add_argument(
        "--existing",
        choices=("refuse", "archive"),
        default="refuse",
        help="if the checkpoint folder holds a run of another network or data set: stop, or rename "
        "the folder and start afresh; archive renames a finished run as well",
    )
    run.add_argument(
        "--device", choices=("auto", "npu", "gpu", "cpu"), default="auto", help="where to run"
    )
    run.add_argument(
        "--seed", type=not_negative, default=0, help="of weights, order, jitter and dropout"
    )

    data = parser.add_argument_group("data")
    data.add_argument(
        "--which_direction",
        choices=("AtoB", "BtoA"),
        default="AtoB",
        help="AtoB: the left half is the input, the right half the target",
    )
    data.add_argument("--train_size", type=positive, help="use the first N training files only")
    data.add_argument(
        "--fine_size",
        type=parse_size,
        default="256",
        help="N or HxW in pixels that the network sees; multiples of 32 at least",
    )
    data.add_argument(
        "--load_size",
        type=parse_size,
        help="N or HxW in pixels before the random crop (default: fine_size x 286/256)",
    )
    data.add_argument("--no_flip", default=False, help="do not mirror at random", **switch)

    network = parser.add_argument_group("network")
    network.add_argument("--ngf", type=positive, default=64, help="filters of G's first layer")
    network.add_argument("--ndf", type=positive, default=64, help="filters of D's first layer")
    network.add_argument("--input_nc", type=int, choices=(1, 3), default=3, help="input channels")
    network.add_argument("--output_nc", type=int, choices=(1, 3), default=3, help="output channels")
    network.add_argument(
        "--test_dropout",
        default=True,
        help="keep dropout on in testing, as the paper does; frozen graphs have it off",
        **switch,
    )

    training = parser.add_argument_group("training")
    training.add_argument("--epoch", type=positive, default=200, help="passes over the data")
    training.add_argument("--max_steps", type=positive, help="steps in all, instead of --epoch")
    training.add_argument(
        "--batch_size", type=positive, default=1, help="pairs per step and device"
    )
    training.add_argument(
        "--learning_rate",
        "--lr",
        type=_number(float, 0, exclusive=True),
        default=2e-4,
        help="Adam's, for both networks",
    )
    training.add_argument("--beta1", type=_number(float, 0, 1), default=0.5, help="Adam's beta1")
    training.add_argument(
        "--L1_lambda", type=_number(float, 0), default=100.0, help="weight of the L1 loss"
    )
    training.add_argument(
        "--gan_weight", type=_number(float, 0), default=1.0, help="weight of the GAN loss"
    )
    training.add_argument(
        "--precision_mode", choices=PRECISION_MODES, help="float16 on NPUs; float32 elsewhere"
    )
    training.add_argument("--autotune", default=False, help="NPU only: tune operators", **switch)

    reports = parser.add_argument_group("output")
    reports.add_argument(
        "--save_checkpoints_steps", type=positive, default=500, help="steps between checkpoints"
    )
    reports.add_argument(
        "--save_frozen_steps",
        type=not_negative,
        default=0,
        help="steps between frozen graphs; 0: only at the end",
    )
    reports.add_argument("--summary_freq", type=positive, default=100, help="steps between scalars")
    reports.add_argument("--image_freq", type=positive, default=500, help="steps between pictures")
    reports.add_argument("--print_freq", type=positive, default=50, help="steps between lines")
    reports.add_argument(
        "--eval_steps",
        type=not_negative,
        help="pairs of val/ scored at each checkpoint; 0 turns it off (default: all)",
    )
    return parser


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
    options = Options(command=tuple(arguments), **values)
    _check(options)
    return options


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


def size_text(size):
    """Writes (256, 512) as "256x512"."""
    return "x".join(map(str, size))


def field_names():
    """Lists the names of all options but the command line itself."""
    return [each.name for each in fields(Options) if each.name != "command"]
