"""Single pictures to the network's size without distortion, and its pictures back to theirs."""

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.pair_choices import RESIZES

MIRROR = "mirror"
# How a picture gets the network's size: as pairs do, or as a whole, continued by its mirror image.
FITS = (*RESIZES, MIRROR)


def mirrored_to_fit(pictures, size):
    """Scales pictures so that they just fit and continues them by their mirror image.

    Args:
        pictures: uint8 or float32 [number, any height, any width, channels] in [0, 255].
        size: (height, width) of the network.

    Returns:
        float32 [number, height, width, channels] in [0, 255]; the picture is at the top left.
    """
    number, channels = pictures.shape.as_list()[0], pictures.shape.as_list()[-1]
    original = tf.shape(pictures)[1:3]
    inner = _inner_size(original, size)
    scaled = tf.raw_ops.ScaleAndTranslate(
        images=pictures,
        size=inner,
        scale=tf.cast(inner, tf.float32) / tf.cast(original, tf.float32),
        translation=tf.zeros([2]),
        kernel_type="triangle",
        antialias=True,
    )
    for axis in (0, 1):
        scaled = tf.gather(scaled, _mirrored_positions(inner[axis], size[axis]), axis=1 + axis)
    scaled.set_shape([number, *size, channels])
    return tf.clip_by_value(scaled, 0.0, 255.0)


def _inner_size(original, size):
    """Finds the (height, width) at which a picture just fits, int32 [2]."""
    limit = tf.constant(size, tf.float32)
    original = tf.cast(original, tf.float32)
    scaled = tf.round(original * tf.reduce_min(limit / original))
    return tf.cast(tf.clip_by_value(scaled, 1.0, limit), tf.int32)


def _mirrored_positions(count, wanted):
    """Lists which of `count` lines stand at each of `wanted` places: 0 1 2 2 1 0 0 1 ..."""
    places = tf.range(wanted) % (2 * count)
    return tf.where(places < count, places, 2 * count - 1 - places)


def unpadded(picture, original_size, fit):
    """Cuts off what `mirrored_to_fit` has added; leaves pictures of other ways as they are.

    Args:
        picture: float32 [height, width, channels], of the network's size.
        original_size: int32 [2], the (height, width) of the picture before it was fitted.
        fit: One of `FITS`.

    Returns:
        float32 [height, width, channels].
    """
    if fit != MIRROR:
        return picture
    height, width = tf.unstack(_inner_size(original_size, picture.shape.as_list()[:2]))
    return picture[:height, :width]


def restored(picture, original_size, fit):
    """Brings a picture of the network's size back to the size of the file that it was made of.

    Args:
        picture: float32 [height, width, channels] in [-1, 1], of the network's size.
        original_size: int32 [2], the (height, width) of the picture before it was fitted.
        fit: One of `FITS`. Margins that "pad" and "mirror" added are cut off; of "crop" comes the
            part of the picture that was seen, at its size in the file.

    Returns:
        float32 [height, width, channels] in [-1, 1], scaled by a cubic filter.
    """
    size = tf.constant(picture.shape.as_list()[:2], tf.float32)
    original = tf.cast(original_size, tf.float32)
    if fit == MIRROR:
        inner = tf.cast(_inner_size(original_size, picture.shape.as_list()[:2]), tf.float32)
        ratio, start, wanted = original / inner, tf.zeros([2]), original
    elif fit == "stretch":
        ratio, start, wanted = original / size, tf.zeros([2]), original
    else:
        reduce = tf.reduce_max if fit == "crop" else tf.reduce_min
        # As `preprocessing` scales and centres pictures.
        scaled = tf.maximum(tf.round(original * reduce(size / original)), 1.0)
        ratio = original / scaled
        start = tf.floor((tf.maximum(size, scaled) - scaled) / 2.0) * ratio
        wanted = tf.maximum(tf.round(tf.minimum(size, scaled) * ratio), 1.0)
    resized = tf.raw_ops.ScaleAndTranslate(
        images=picture[None],
        size=tf.cast(wanted, tf.int32),
        scale=ratio,
        translation=-start,
        kernel_type="keyscubic",
        antialias=True,
    )[0]
    resized.set_shape([None, None, picture.shape.as_list()[-1]])
    return tf.clip_by_value(resized, -1.0, 1.0)


def place_of_result(original_size, size, fit, keep_size):
    """Says which part of a file's picture a result shows, and how large its pixels are.

    Args:
        original_size: (height, width) of the picture in its file.
        size: (height, width) of the network.
        fit: One of `FITS`.
        keep_size: Whether the result is that of `restored`, or else that of `unpadded`.

    Returns:
        `(ratio, start)`, float64 [2] each, vertical and horizontal: the size of the result's pixels
        and the place of its top left corner, both in pixels of the file.
    """
    original, wanted = np.array(original_size, np.float32), np.array(size, np.float32)
    scaled, start = wanted, np.zeros([2])
    if fit != "stretch":
        cover = fit == "crop"
        ratio = (np.max if cover else np.min)(wanted / original)
        scaled = np.maximum(np.round(original * ratio), 1.0)
    if fit in ("crop", "pad"):
        # As `preprocessing` centres pictures.
        start = np.floor((scaled - wanted) / 2.0) if cover else -np.floor((wanted - scaled) / 2.0)
    ratio = original.astype(np.float64) / scaled
    if not keep_size:
        return ratio, start * ratio
    return np.ones([2]), np.maximum(start, 0.0) * ratio
