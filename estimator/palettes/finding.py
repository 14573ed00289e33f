"""Finding the classes of label maps in the pictures themselves."""

import numpy as np

from estimator.palettes.palette import Palette, load_palette

MOST_CLASSES = 48
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


def find_palette(pictures):
    """Finds the classes of label maps.

    Args:
        pictures: List of uint8 [height, width, 3].

    Returns:
        `Palette`, with the names of one that is known where the colours are its; None if the
        pictures are no label maps, or have one class only.
    """
    found = gathered(pictures)
    return None if found is None or len(found[0]) < 2 else named(found[0])


def gathered(pictures):
    """Finds the colours at which label maps gather.

    Args:
        pictures: As for `find_palette`, at least one.

    Returns:
        int [any, 3], the most frequent first, and the share of each, float [any]; None if the
        pictures are no label maps.
    """
    few = few_colours(pictures)
    if few is not None:
        return few
    flat = flat_pixels(pictures)
    if len(flat) < _LEAST_FLAT * sum(picture[..., 0].size for picture in pictures):
        return None
    colours, shares, exact = peaks(flat)
    # White around a thing is flat and white: what counts is the rest.
    rest = exact[1:].sum() / max(1.0 - shares[0], 1.0 / len(flat))
    is_map = shares.sum() >= _LEAST_GATHERED and rest >= _LEAST_EXACT
    return (colours, shares) if is_map else None


def flat_pixels(pictures):
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


def few_colours(pictures):
    """Finds the colours, and each one's share, of pictures that have few; None if they have more.

    Classes may be as near to each other as they like then.
    """
    if not pictures:
        return None
    pixels = np.concatenate([picture.reshape(-1, 3) for picture in pictures])
    colours, counts = _counted(pixels)
    return (colours, counts / len(pixels)) if len(colours) <= MOST_CLASSES else None


def peaks(pixels):
    """Finds the colours that pixels gather at, the most frequent first.

    Returns:
        int [any, 3]; the share of the pixels within `_RADIUS` of each, float [any]; and of those
        that are of the very colour, likewise.
    """
    colours, counts = _counted(pixels)
    free = np.ones(len(colours), bool)
    found, shares, exact = [], [], []
    while free.any() and len(found) < MOST_CLASSES:
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


def named(found):
    """Gives colours the names of a palette that is known, where it has all of them."""
    known = load_palette("facades")
    distances = np.linalg.norm(found[:, None] - known.colours[None], axis=-1)
    if len(found) and distances.min(axis=1).max() <= _NEAR_KNOWN:
        return known
    return Palette(tuple("#{:02x}{:02x}{:02x}".format(*colour) for colour in found), found)
