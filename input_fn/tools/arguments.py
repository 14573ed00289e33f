"""Types of the commands' flags, each with an error that says what would work."""

import argparse


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
