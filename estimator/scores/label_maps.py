"""How right a map of flat colours is: accuracy and class IoU, as in the paper's table 5."""

import re
from collections import namedtuple

import numpy as np

from estimator.errors import OptionsError
from input_fn import FACADE_COLOURS

Palette = namedtuple("Palette", ["names", "colours"])
Palette.__doc__ = """The classes' names, and their colours as int array [classes, 3] in 0..255."""

_HEXADECIMAL = re.compile(r"#([0-9a-fA-F]{6})(?:\s+(.*))?$")
_DECIMAL = re.compile(r"(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,]+(.*))?$")


def load_palette(name):
    """Loads the palette that `--label_palette` names.

    Args:
        name: "facades", or a text file with a line `R,G,B NAME` or `#RRGGBB NAME` for each class;
            names may be left out, empty lines are skipped.

    Returns:
        `Palette`.

    Raises:
        OptionsError: The file cannot be read, or a line is not a colour.
    """
    if name == "facades":
        return _palette(list(FACADE_COLOURS), list(FACADE_COLOURS.values()), name)
    try:
        with open(name, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(
            f"--label_palette {name}: cannot be read ({error}); write facades, or name a text file "
            "of colours"
        ) from None
    names, colours = [], []
    for number, line in enumerate(lines, start=1):
        if line:
            colour, label = _parse_line(line, f"--label_palette {name}, line {number}")
            colours.append(colour)
            names.append(label or "#{:02x}{:02x}{:02x}".format(*colour))
    return _palette(names, colours, name)


def _palette(names, colours, source):
    if len(set(colours)) < max(len(colours), 2):
        raise OptionsError(
            f"--label_palette {source}: has {len(set(colours))} different colours in "
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


class LabelScores:
    """Counts which class was taken for which, over a set of pictures.

    Args:
        palette: `Palette`.
    """

    def __init__(self, palette):
        self._palette = palette
        count = len(palette.names)
        self._confusion = np.zeros([count, count], np.int64)  # [target, output]

    def add(self, output, target, weights=None):
        """Counts a picture's pixels.

        Args:
            output: float [height, width, 3] in [-1, 1].
            target: Likewise.
            weights: float [height, width, 1]; pixels whose weight is 0 are left out. None for all.

        Returns:
            The share of pixels of the right class.
        """
        found, real = (nearest_classes(each, self._palette) for each in (output, target))
        if weights is not None:
            counts = weights[..., 0] > 0
            found, real = found[counts], real[counts]
        count = len(self._palette.names)
        pairs = np.bincount((real * count + found).ravel(), minlength=count * count)
        self._confusion += pairs.reshape(count, count)
        return float(np.mean(found == real))

    def summary(self):
        """Sums up, with the definitions of Long et al. (2015) that the paper uses.

        Returns:
            Dict of `pixel_accuracy`, the share of all pixels; `class_accuracy` and `class_iou`,
            means over the classes that the targets have; and `classes`, both for each of these.
        """
        right = np.diag(self._confusion)
        real, found = self._confusion.sum(axis=1), self._confusion.sum(axis=0)
        present = np.flatnonzero(real)
        accuracy = right[present] / real[present]
        iou = right[present] / (real + found - right)[present]
        return {
            "pixel_accuracy": float(right.sum() / real.sum()),
            "class_accuracy": float(accuracy.mean()),
            "class_iou": float(iou.mean()),
            "classes": {
                self._palette.names[number]: {"accuracy": float(a), "iou": float(i)}
                for number, a, i in zip(present, accuracy, iou)
            },
        }
