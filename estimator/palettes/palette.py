"""A palette: the classes of label maps, by name and colour."""

import re
from collections import namedtuple

import numpy as np

from estimator.errors import OptionsError
from input_fn import FACADE_COLOURS

Palette = namedtuple("Palette", ["names", "colours"])
Palette.__doc__ = """The classes' names, and their colours as int array [classes, 3] in 0..255."""

_HEXADECIMAL = re.compile(r"#([0-9a-fA-F]{6})(?:\s+(.*))?$")
_DECIMAL = re.compile(r"(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,]+(.*))?$")


def entries_of(palette):
    """Writes a palette as options have it: a tuple of "#RRGGBB NAME"."""
    return tuple(
        "#{:02x}{:02x}{:02x} {}".format(*colour, name)
        for name, colour in zip(palette.names, palette.colours)
    )


def palette_of(entries):
    """Reads what `entries_of` wrote."""
    parsed = [_parse_line(entry, "palette") for entry in entries]
    return Palette(tuple(name for _, name in parsed), np.array([colour for colour, _ in parsed]))


def colours_of_entries(entries):
    """Gives the colours alone: a tuple of (red, green, blue)."""
    return tuple(tuple(int(part) for part in colour) for colour in palette_of(entries).colours)


def load_palette(name, flag="label_palette"):
    """Loads the palette that a flag names.

    Args:
        name: "facades", or a text file with a line `R,G,B NAME` or `#RRGGBB NAME` for each class;
            names may be left out, empty lines are skipped.
        flag: The flag's name, for messages.

    Returns:
        `Palette`.

    Raises:
        OptionsError: The file cannot be read, or a line is not a colour.
    """
    if name == "facades":
        return _palette(list(FACADE_COLOURS), list(FACADE_COLOURS.values()), f"--{flag} {name}")
    try:
        with open(name, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(
            f"--{flag} {name}: cannot be read ({error}); write facades, or name a text file "
            "of colours"
        ) from None
    names, colours = [], []
    for number, line in enumerate(lines, start=1):
        if line:
            colour, label = _parse_line(line, f"--{flag} {name}, line {number}")
            colours.append(colour)
            names.append(label or "#{:02x}{:02x}{:02x}".format(*colour))
    return _palette(names, colours, f"--{flag} {name}")


def _palette(names, colours, source):
    if len(set(colours)) < max(len(colours), 2):
        raise OptionsError(
            f"{source}: has {len(set(colours))} different colours in "
            f"{len(colours)} lines; at least two are needed, each once"
        )
    return Palette(tuple(names), np.array(colours, np.int64))


def _parse_line(line, where):
    match = _HEXADECIMAL.match(line)
    if match:
        value = int(match.group(1), 16)
        return (value >> 16, value >> 8 & 255, value & 255), match.group(2)
    match = _DECIMAL.match(line)
    colour = tuple(int(part) for part in match.groups()[:3]) if match else (256,)
    if max(colour) > 255:
        raise OptionsError(f"{where}: {line!r} is not a colour; write 0,128,255 NAME")
    return colour, match.group(4)


def nearest_classes(picture, palette):
    """Finds each pixel's class, that of the nearest colour (Euclidean, in RGB).

    Targets are treated alike, since JPEG leaves few of their pixels in the colours proper.

    Args:
        picture: float [height, width, 3] in [-1, 1].
        palette: `Palette`.

    Returns:
        int [height, width], the numbers of classes.
    """
    pixels = (np.asarray(picture, np.float32).reshape(-1, 3) + 1.0) * 127.5
    colours = palette.colours.astype(np.float32)
    # |p - c|^2 less |p|^2, which is the same for all classes.
    distances = np.sum(colours**2, axis=1) - 2.0 * pixels @ colours.T
    return np.argmin(distances, axis=1).reshape(picture.shape[:2])
