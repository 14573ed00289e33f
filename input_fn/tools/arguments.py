"""Types of the commands' flags, each with an error that says what would work."""

import argparse
import re

from input_fn.errors import DataError
from input_fn.folders import Folders
from input_fn.pair_choices import FOLDERS


def parse_size(text):
    """Reads "256" or "256x512" (height x width) into (height, width)."""
    try:
        sides = tuple(int(side) for side in text.lower().split("x"))
    except ValueError:
        sides = ()
    if len(sides) not in (1, 2) or min(sides) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 256, or 256x512 (HxW)")
    return sides * 2 if len(sides) == 1 else sides


def number_between(kind, low, high):
    """Makes the type of numbers, `int` or `float`, that are not below `low` nor above `high`."""

    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is out of range; write {low} to {high}")
        return value

    return parse


def count_from(least):
    """Makes the type of whole numbers that are at least `least`."""

    def parse(text):
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return parse


def parse_pattern(text):
    """Checks a regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression ({error})") from None
    return text


def add_folder_flags(parser, series=False):
    """Adds the flags that say which folders make a pair; `folders_of` reads them.

    Args:
        parser: Of a command.
        series: Whether neighbouring slices may be asked for.
    """
    parser.add_argument(
        "--inputs",
        metavar="NAME,NAME",
        help="folders of the inputs, as of train.py; channels are not looked at",
    )
    parser.add_argument("--target", metavar="NAME", help="folder of the targets, as of train.py")
    if series:
        parser.add_argument(
            "--neighbours", type=count_from(0), default=0, metavar="N", help="as of train.py"
        )
        parser.add_argument("--group", type=parse_pattern, metavar="REGEX", help="as of train.py")
    else:
        parser.set_defaults(neighbours=0)


def folders_of(options, layout=FOLDERS):
    """Reads the flags of `add_folder_flags`.

    Args:
        options: What was parsed.
        layout: As of `PairFormat`.

    Returns:
        `Folders`.

    Raises:
        DataError: They do not go together, or not with the layout.
    """
    asked = options.inputs is not None or options.neighbours
    if asked and layout != FOLDERS:
        raise DataError("--inputs and --neighbours need --data_layout=folders; add it")
    group = options.group if options.neighbours else None
    if options.inputs is None:
        if options.target is not None:
            raise DataError(f"--target {options.target}: needs --inputs; add it")
        return Folders(neighbours=options.neighbours, group=group)
    names = tuple(part.partition(":")[0].strip() for part in options.inputs.split(","))
    target = options.target
    if target is None or len({*names, target}) <= len(names) or not all(names):
        raise DataError(
            f"--inputs {options.inputs}: needs different names, and --target another; such as "
            "--inputs=t1,t2 --target=flair"
        )
    return Folders(names, target, options.neighbours, group)
