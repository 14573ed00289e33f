"""What kind of pictures a network takes, from pictures: label maps, sketches or photos."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from estimator.options.page_flags import PAGE_KINDS
from estimator.scores.label_maps import Palette, load_palette

LABELS, SKETCH, PHOTO = PAGE_KINDS

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_MOST_CLASSES = 48
# What JPEG has been at: of label maps all but outlines is flat to a few levels, and gathers at few
# colours. Of 16 label maps of CMP facades half the area is flat, and of that, the greatest class
# aside, half has a class's very colour; of the photos beside them a fifth is flat, a tenth so.
_FLAT_LEVELS = 6
_LEAST_FLAT, _LEAST_GATHERED, _LEAST_EXACT = 0.25, 0.98, 0.18
_RADIUS = 32.0
# What a colour has to have of the flat area to be a class's, and its very level of what is near it.
_LEAST_SHARE, _LEAST_PEAK = 2e-4, 0.02
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
    found, shares = _few_colours(pictures) or _peaks(_flat_pixels(pictures))[:2]
    if palette is None:
        palette = _named(found)
    return Look(LABELS, palette, _background(palette, found, shares))


def _kind_of(pictures):
    if not pictures:
        return PHOTO
    if _is_sketch(pictures):
        return SKETCH
    if _few_colours(pictures) is not None:
        return LABELS
    flat = _flat_pixels(pictures)
    if len(flat) < _LEAST_FLAT * sum(picture[..., 0].size for picture in pictures):
        return PHOTO
    _, shares, exact = _peaks(flat)
    # White around a thing is flat and white: what counts is the rest.
    rest = exact[1:].sum() / max(1.0 - shares[0], 1.0 / len(flat))
    return LABELS if shares.sum() >= _LEAST_GATHERED and rest >= _LEAST_EXACT else PHOTO


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


def _flat_pixels(pictures):
    """Takes the pixels whose neighbours have their colour; uint8 [any, 3]."""
    kept = []
    for picture in pictures:
        # Each operation looks along one axis: together, at the square of 3 by 3 around a pixel.
        low = high = picture
        for axis in (0, 1):
            low, high = _of_three(np.minimum, low, axis), _of_three(np.maximum, high, axis)
        flat = np.max(high - low, axis=-1) <= _FLAT_LEVELS
        kept.append(picture[1:-1, 1:-1][flat])
    return np.concatenate([np.zeros([0, 3], np.uint8), *kept])


def _of_three(function, values, axis):
    """Reduces each three neighbours along an axis, which gets two shorter."""
    count = values.shape[axis] - 2
    return function.reduce([np.take(values, range(i, count + i), axis) for i in range(3)])


def _counted(pixels):
    """Counts colours: int [any, 3] and [any], the most frequent first."""
    red, green, blue = (pixels[:, part].astype(np.int32) for part in range(3))
    codes = red << 16 | green << 8 | blue
    codes, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    codes, counts = codes[order], counts[order]
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1), counts


def _few_colours(pictures):
    """Finds the colours, and each one's share, of pictures that have few; None if they have more.

    Classes may be as near to each other as they like then.
    """
    if not pictures:
        return None
    pixels = np.concatenate([picture.reshape(-1, 3) for picture in pictures])
    colours, counts = _counted(pixels)
    return (colours, counts / len(pixels)) if len(colours) <= _MOST_CLASSES else None


def _peaks(pixels):
    """Finds the colours that pixels gather at, the most frequent first.

    Returns:
        int [any, 3]; the share of the pixels within `_RADIUS` of each, float [any]; and of those
        that are of the very colour, likewise.
    """
    colours, counts = _counted(pixels)
    free = np.ones(len(colours), bool)
    found, shares, exact = [], [], []
    while free.any() and len(found) < _MOST_CLASSES:
        place = int(np.argmax(free))
        around = free & (np.sum((colours - colours[place]) ** 2, axis=1) <= _RADIUS**2)
        count = counts[around].sum()
        if count < _LEAST_SHARE * len(pixels):
            break
        if counts[place] >= _LEAST_PEAK * count:
            found.append(colours[place])
            shares.append(count / len(pixels))
            exact.append(counts[place] / len(pixels))
        free &= ~around
    return np.array(found, np.int64).reshape(-1, 3), np.array(shares), np.array(exact)


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
