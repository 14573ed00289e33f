"""What kind of pictures a network takes, from pictures: label maps, sketches or photos."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from estimator.options.page_flags import PAGE_KINDS
from estimator.palettes.finding import few_colours, flat_pixels, gathered, named, peaks
from estimator.palettes.palette import Palette

LABELS, SKETCH, PHOTO = PAGE_KINDS

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
# Of drawings: how grey, how much of one paper, and how little between ink and paper.
_CHROMA = 24
_LEAST_GREY, _LEAST_PAPER, _MOST_BETWEEN = 0.99, 0.5, 0.12
_PAPER_LEVELS, _BETWEEN = 24, (64, 192)


@dataclass(frozen=True)
class Look:
    """What the pictures are that a network takes.

    Attributes:
        kind: One of `PAGE_KINDS`.
        palette: `Palette` of what may be drawn with: of labels the classes, of sketches the ink;
            None for photos.
        background: Colour, (red, green, blue) in 0..255, that a picture begins with.
    """

    kind: str
    palette: Palette = None
    background: Tuple[int, int, int] = _WHITE


def look_of(pictures, kind=None, palette=None):
    """Finds out what the pictures are, and with which colours they are drawn.

    Args:
        pictures: List of uint8 [height, width, 3]; may be empty, but for labels without a palette.
        kind: One of `PAGE_KINDS` where that is known.
        palette: `Palette` of the classes where that is known.

    Returns:
        `Look`. Without pictures: photos, unless the arguments say otherwise.
    """
    if kind is None:
        kind = LABELS if palette is not None else _kind_of(pictures)
    if kind == PHOTO:
        return Look(PHOTO)
    if kind == SKETCH:
        paper, ink = (_BLACK, _WHITE) if _is_dark(pictures) else (_WHITE, _BLACK)
        return Look(SKETCH, Palette(("ink",), np.array([ink])), paper)
    found, shares = few_colours(pictures) or peaks(flat_pixels(pictures))[:2]
    if palette is None:
        palette = named(found)
    return Look(LABELS, palette, _background(palette, found, shares))


def _kind_of(pictures):
    if not pictures:
        return PHOTO
    if _is_sketch(pictures):
        return SKETCH
    return PHOTO if gathered(pictures) is None else LABELS


def _is_sketch(pictures):
    shares = np.mean([_shares_of_drawing(picture) for picture in pictures], axis=0)
    grey, dark, light, between = shares
    return grey >= _LEAST_GREY and max(dark, light) >= _LEAST_PAPER and between <= _MOST_BETWEEN


def _shares_of_drawing(picture):
    """Says how much of a picture is grey, of black paper, of white, and between paper and ink."""
    level = picture.mean(axis=-1, dtype=np.float32)
    grey = picture.max(axis=-1) - picture.min(axis=-1) <= _CHROMA
    dark, light = level <= _PAPER_LEVELS, level >= 255 - _PAPER_LEVELS
    between = (level > _BETWEEN[0]) & (level < _BETWEEN[1])
    return [np.mean(each) for each in (grey, dark, light, between)]


def _is_dark(pictures):
    return bool(pictures) and float(np.mean([picture.mean() for picture in pictures])) < 128.0


def _background(palette, found, shares):
    """Chooses the class that is called background, or the most frequent."""
    if "background" in palette.names:
        colour = palette.colours[palette.names.index("background")]
    elif len(found):
        most = found[int(np.argmax(shares))]
        colour = palette.colours[np.argmin(np.sum((palette.colours - most) ** 2, axis=1))]
    else:
        colour = palette.colours[0]
    return tuple(int(part) for part in colour)
