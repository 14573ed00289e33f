"""What kind of pictures a network takes, from pictures: label maps, sketches or photos."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from estimator.options.page_flags import PAGE_KINDS
from estimator.scores.label_maps import Palette, load_palette

LABELS, SKETCH, PHOTO = PAGE_KINDS

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
# Of label maps, all the area but outlines is flat; JPEG leaves it flat to a few levels. Of 16 label
# maps of CMP facades, half the area is, and of the photos beside them a fifth.
_FLAT_LEVELS = 6
_LEAST_FLAT = 0.25
# Two classes' colours may be close: cityscapes has some that are 20 levels apart.
_RADIUS = 10.0
_MOST_CLASSES = 48
# Of the flat area, what has to have a class's colour, and what a colour has to have to be one.
_LEAST_COVERED = 0.985
_LEAST_SHARE = 2e-4
# JPEG spreads a colour over a few levels, light and shade over many.
_LEAST_EXACT = 0.06
# How far from a known palette's colours those that were found may be: JPEG again.
_NEAR_KNOWN = 12.0
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
    found, shares = _peaks(_flat_pixels(pictures))
    if palette is None:
        palette = _named(found)
    return Look(LABELS, palette, _background(palette, found, shares))


def _kind_of(pictures):
    if not pictures:
        return PHOTO
    if _is_sketch(pictures):
        return SKETCH
    flat = _flat_pixels(pictures)
    total = sum(picture.shape[0] * picture.shape[1] for picture in pictures)
    if len(flat) < _LEAST_FLAT * total:
        return PHOTO
    found, shares = _peaks(flat)
    return LABELS if len(found) > 1 and shares.sum() >= _LEAST_COVERED else PHOTO


def _is_sketch(pictures):
    pixels = np.concatenate([picture.reshape(-1, 3) for picture in pictures]).astype(np.int16)
    level = pixels.mean(axis=1)
    grey = np.mean(np.ptp(pixels, axis=1) <= _CHROMA)
    paper = max(np.mean(level <= _PAPER_LEVELS), np.mean(level >= 255 - _PAPER_LEVELS))
    between = np.mean((level > _BETWEEN[0]) & (level < _BETWEEN[1]))
    return grey >= _LEAST_GREY and paper >= _LEAST_PAPER and between <= _MOST_BETWEEN


def _is_dark(pictures):
    return bool(pictures) and float(np.mean([picture.mean() for picture in pictures])) < 128.0


def _flat_pixels(pictures):
    """Takes the pixels whose neighbours have their colour; int [any, 3]."""
    kept = []
    for picture in pictures:
        # Each operation looks along one axis: together, at the square of 3 by 3 around a pixel.
        low = high = picture.astype(np.int64)
        for axis in (0, 1):
            low, high = _of_three(np.minimum, low, axis), _of_three(np.maximum, high, axis)
        flat = np.max(high - low, axis=-1) <= _FLAT_LEVELS
        kept.append(picture[1:-1, 1:-1][flat].astype(np.int64))
    return np.concatenate(kept) if kept else np.zeros([0, 3], np.int64)


def _of_three(function, values, axis):
    """Reduces each three neighbours along an axis, which gets two shorter."""
    count = values.shape[axis] - 2
    return function.reduce([np.take(values, range(i, count + i), axis) for i in range(3)])


def _peaks(pixels):
    """Finds the colours that pixels gather at, the most frequent first.

    Returns:
        int [any, 3], and the share of the pixels within `_RADIUS` of each, float [any].
    """
    codes = pixels[:, 0] << 16 | pixels[:, 1] << 8 | pixels[:, 2]
    codes, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    codes, counts = codes[order], counts[order]
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    free = np.ones(len(codes), bool)
    found, shares = [], []
    while free.any() and len(found) < _MOST_CLASSES:
        place = int(np.argmax(free))
        around = free & (np.sum((colours - colours[place]) ** 2, axis=1) <= _RADIUS**2)
        count = counts[around].sum()
        if count < _LEAST_SHARE * len(pixels):
            break
        if counts[place] >= _LEAST_EXACT * count:
            found.append(colours[place])
            shares.append(count / len(pixels))
        free &= ~around
    return np.array(found, np.int64).reshape(-1, 3), np.array(shares)


def _named(found):
    """Gives colours the names of a palette that is known, where it has all of them."""
    known = load_palette("facades")
    distances = np.linalg.norm(found[:, None] - known.colours[None], axis=-1)
    if len(found) and distances.min(axis=1).max() <= _NEAR_KNOWN:
        return known
    return Palette(tuple("#{:02x}{:02x}{:02x}".format(*colour) for colour in found), found)


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
