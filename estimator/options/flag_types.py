"""What the values of flags may be; a bad one is told what it must be."""

import argparse
import re
from typing import NamedTuple

from input_fn import is_name_of_bands

AUTO = "auto"
# As `AUTO` where the data allow it, else as if the flag were left out.
DETECT = "detect"
LATEST, BEST = "latest", "best"


class Automatic(NamedTuple):
    """A range of values that is to follow from the data.

    Attributes:
        low: The percentile, 0 to 100, that is black; 0 is the smallest value.
        high: The percentile that is white; 100 is the greatest.
    """

    low: float = 0.0
    high: float = 100.0


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


def size_text(size):
    """Writes (256, 512) as "256x512"."""
    return "x".join(map(str, size))


def parse_boolean(text):
    """Reads true/false, yes/no, 1/0 in any case."""
    values = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in values:
        raise argparse.ArgumentTypeError(f"{text!r} is not a truth value; write true or false")
    return values[text.lower()]


def parse_names(text):
    """Reads "input,output", names of two tensors; ":0" is added to names without a number."""
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} is not two names; write INPUT,OUTPUT")
    return tuple(name if ":" in name else name + ":0" for name in names)


def parse_choices(choices):
    """Makes the type of a flag that takes some of `choices`, separated by commas."""

    def parse(text):
        chosen = [name.strip() for name in text.split(",")]
        if not set(chosen) <= set(choices):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a list of {', '.join(choices)}; separate them by commas"
            )
        return tuple(name for name in choices if name in chosen)

    return parse


def _word_or_number(text, words, parse, complaint):
    """Reads one of some words, in any case, or a number; the complaint says what would work."""
    if text.lower() in words:
        return text.lower()
    try:
        return parse(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} {complaint}") from None


def parse_loss_scale(text):
    """Reads "dynamic", "off" or a fixed scale, a number of at least 1."""
    complaint = "is no loss scale; write dynamic, off, or a number of at least 1"
    return _word_or_number(text, ("dynamic", "off"), number(float, 1), complaint)


def parse_steps_per_run(text):
    """Reads a whole number of at least 1, or "auto"."""
    complaint = "is no number of steps; write a whole number of at least 1, or auto"
    return _word_or_number(text, (AUTO,), number(int, 1), complaint)


def parse_step(text):
    """Reads which checkpoint is meant: "latest", "best", or the number of its step."""
    complaint = "is no step; write latest, best, or the number of a checkpoint's step"
    return _word_or_number(text, (LATEST, BEST), number(int, 0), complaint)


def parse_dump_steps(text):
    """Checks "0|5|10-20": steps and spans of them; the device ends at once at anything else."""
    spans = [re.fullmatch(r"(\d+)(?:-(\d+))?", part) for part in text.split("|")]
    if not all(spans) or any(int(span[1]) > int(span[2] or span[1]) for span in spans):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of steps; write such as 0|5|10-20, in quotes"
        )
    return text


def parse_range(text):
    """Reads "0,4095" into (0.0, 4095.0), and "0,1/-30,5" into a tuple of such.

    "auto" and "auto:1,99" become `Automatic`.
    """
    word, _, percentiles = text.partition(":")
    if word == AUTO:
        return Automatic(*_percentiles(text, percentiles)) if percentiles else Automatic()
    ranges = tuple(_two_numbers(each) for each in text.split("/"))
    if not all(ends and float("-inf") < ends[0] < ends[1] < float("inf") for ends in ranges):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no range; write two numbers, the lower first, such as 0,4095, several "
            "such as 0,1/-30,5, or auto"
        )
    return ranges if len(ranges) > 1 else ranges[0]


def _percentiles(text, percentiles):
    ends = _two_numbers(percentiles)
    if not ends or not 0 <= ends[0] < ends[1] <= 100:
        raise argparse.ArgumentTypeError(
            f"{text!r}: percentiles are two numbers from 0 to 100, the lower first, such as "
            "auto:1,99"
        )
    return ends


def _two_numbers(text):
    try:
        values = tuple(float(value) for value in text.split(","))
    except ValueError:
        values = ()
    return values if len(values) == 2 else None


def parse_nodata(text):
    """Reads "-9999", "nan" or "-9999,nan" into a tuple of texts, since JSON has no NaN."""
    values = tuple(value.strip().lower() for value in text.split(","))
    try:
        found = tuple(map(float, values))
    except ValueError:
        found = (float("inf"),)
    if any(abs(value) == float("inf") for value in found):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no value for missing data; write a number, nan, or both such as -9999,nan"
        )
    return values


def parse_bands(text):
    """Reads "target" or "input:2,target:1" into a tuple of names of bands."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(map(is_name_of_bands, names)):
        raise argparse.ArgumentTypeError(
            f"{text!r} names no bands; write input or target for all bands of either, or such as "
            "input:2,target:1"
        )
    return names


def parse_inputs(text):
    """Reads "radar:2,photo": names of folders, with or without a number of channels."""
    parts = tuple(part.strip() for part in text.split(","))
    names = [part.partition(":")[0] for part in parts]
    if not all(re.fullmatch(r"[^:=]+(:[1-9][0-9]*)?", part) for part in parts) or (
        len(set(names)) < len(names)
    ):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of inputs; write different names of folders, such as t1,t2, or "
            "radar:2,photo:3 with their channels"
        )
    return parts


def parse_pattern(text):
    """Checks a regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression ({error})") from None
    return text


def parse_bits(text):
    """Reads the number of bits that a weight is stored in, 8 or 16."""
    if text not in ("8", "16"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of bits; write 8 or 16")
    return int(text)


def number(kind, minimum, maximum=None, exclusive=False):
    """Makes the type of a numeric flag.

    Args:
        kind: int or float.
        minimum: Smallest value.
        maximum: Values have to be below it; None for no end.
        exclusive: Whether the minimum itself is out of range.

    Returns:
        Function of text, as argparse takes it, that raises `argparse.ArgumentTypeError`.
    """

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


# The kinds of flags: what `Flag` and argparse take of each.
SIZE = {"type": parse_size, "metavar": "SIZE"}
POSITIVE = {"type": number(int, 1), "metavar": "N"}
# What NumPy takes as a seed.
SEED = {"type": number(int, 0, 2**32), "metavar": "N"}
NOT_NEGATIVE = {"type": number(int, 0), "metavar": "N"}
STEP = {"type": parse_step, "metavar": "latest|best|N"}
WEIGHT = {"type": number(float, 0), "metavar": "X"}
SWITCH = {"type": parse_boolean, "nargs": "?", "const": True, "metavar": "true|false"}
