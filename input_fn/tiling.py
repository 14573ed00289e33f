"""Where the tiles of a large picture lie, and how what is made of them is blended."""

import numpy as np


def tile_starts(length, size, overlap):
    """Finds where tiles begin along an axis.

    They lie at one distance from each other, size - overlap, so that a network of strided
    convolutions meets the pixels of an overlap in the same phase, as far as its strides divide that
    distance. The last one may protrude.

    Args:
        length: Of the picture, in pixels, at least 1.
        size: Of a tile.
        overlap: Of neighbours, 0 to size / 2.

    Returns:
        List of whole numbers, the first 0.
    """
    count = 1 + max(0, -(-(length - size) // (size - overlap)))
    return [number * (size - overlap) for number in range(count)]


def blending_weights(count, size, overlap):
    """Makes the weights of tiles along an axis; where two overlap, they add up to 1.

    One falls in a straight line over the overlap as the other rises. There is nothing to blend at
    the ends of the picture.

    Args:
        count: Of tiles.
        size: Of a tile.
        overlap: Of neighbours, 0 to size / 2.

    Returns:
        float32 [count, size] in (0, 1].
    """
    weights = np.ones([count, size], np.float32)
    if overlap:
        rise = (np.arange(overlap, dtype=np.float32) + 0.5) / overlap
        weights[1:, :overlap] = rise
        weights[:-1, size - overlap :] = 1.0 - rise
    return weights


def mirrored(first, count, length):
    """Lists which lines of a picture stand where its mirror image continues it.

    Args:
        first: At least 0.
        count: Of lines.
        length: Of the picture, at least 1.

    Returns:
        int [count], 0 to length - 1: 0 1 2 2 1 0 0 1 ... of a picture of three lines.
    """
    places = np.arange(first, first + count) % (2 * length)
    return np.where(places < length, places, 2 * length - 1 - places)
