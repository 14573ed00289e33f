"""Which pixels of a file count, and how much: none where there is no data, and where it is masked.

Within a pipeline a picture of which not all pixels count has a channel more, its last: the weight,
0 to 255. All other channels are multiplied by it, so that resizing, which adds up pixels, adds up
those that count, and what stands in others has no influence.
"""

from typing import NamedTuple, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

FULL = 255.0
# Whence weights come beside values that stand for no data, and transparency.
PICTURES, CHANNEL = "pictures", "channel"
WEIGHTS = (PICTURES, CHANNEL)
# The subfolder of weight pictures.
FOLDER = "weights"
# Weights below this are 0, rounding aside.
_LEAST = 1e-6


class Counting(NamedTuple):
    """Which pixels of a file count.

    Attributes:
        nodata: Values that stand for no data; a pixel that has one of them in any band does not
            count. NaN may be among them.
        by_alpha: Whether transparency, where there is some, is the weight.
        drops_last: Whether the last channel of an array is no part of the picture, but the weight.
    """

    nodata: Tuple[float, ...] = ()
    by_alpha: bool = False
    drops_last: bool = False


def without_missing(values, nodata):
    """Replaces the pixels of an array that have no data.

    Args:
        values: [height, width, channels], numbers of any type.
        nodata: As of `Counting`.

    Returns:
        The values, of which those of pixels without data are 0; and truth values [height, width,
        1], which pixels have data.

    Raises:
        ValueError: What is left holds values that are infinite or not a number.
    """
    missing = np.zeros([*values.shape[:2], 1], bool)
    for value in nodata:
        missing |= _equal(values, value).any(axis=-1, keepdims=True)
    if missing.any():
        values = np.where(missing, np.zeros([], values.dtype), values)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("it holds values that are infinite or not a number")
    return values, ~missing


def _equal(values, value):
    if np.isnan(value):
        return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    # A file of float32 has -9999.9 as the float32 next to it.
    return values == (values.dtype.type(value) if values.dtype.kind == "f" else value)


def validity(pixels, nodata):
    """Says where pixels of a picture have data.

    Args:
        pixels: float32 tensor [height, width, channels], as stored.
        nodata: As of `Counting`.

    Returns:
        float32 [height, width, 1], 0 or 1.
    """
    found = [tf.reduce_any(tf.equal(pixels, value), -1, keepdims=True) for value in nodata]
    if not found:
        return tf.ones_like(pixels[..., :1])
    return 1.0 - tf.cast(tf.reduce_any(tf.stack(found), axis=0), tf.float32)


def unweighted(picture):
    """Takes picture and weights apart.

    Args:
        picture: float32 tensor [..., channels + 1], as decoded or resized.

    Returns:
        The picture [..., channels] in [0, 255], or of whatever values, 0 where nothing counts; and
        the weights [..., 1] in [0, 1].
    """
    weights = picture[..., -1:] * (1.0 / FULL)
    counts = weights > _LEAST
    divisor = tf.where(counts, weights, tf.ones_like(weights))
    mask = tf.cast(counts, tf.float32)
    return picture[..., :-1] / divisor * mask, weights * mask


def filled(picture, weights):
    """Puts 0, the middle of the network's range, where nothing counts.

    Args:
        picture: float32 tensor [..., channels] in [-1, 1].
        weights: float32 tensor [..., 1].

    Returns:
        Like the picture.
    """
    return picture * tf.cast(weights > 0.0, tf.float32)
