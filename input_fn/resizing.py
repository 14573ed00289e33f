"""Stacks of pictures to another size: resizing, cropping, mirroring, all of a stack alike."""

import tensorflow.compat.v1 as tf


def resize_and_crop(pictures, size, offset, window):
    """Resizes pictures and cuts the same window out of all of them.

    Resizing is bilinear with half-pixel centres; when a side gets smaller the triangle filter is
    widened to match, as in Pillow, since plain bilinear sampling would alias.

    Args:
        pictures: uint8 or float32 [number, any height, any width, channels].
        size: (height, width) to resize to.
        offset: int32 tensor [2], the (top, left) of the window in the resized picture; None if
            `window` is all of it.
        window: (height, width) of the window.

    Returns:
        float32 [number, window height, window width, channels] in [0, 255].
    """
    present = tf.shape(pictures)[1:3]
    number, channels = _number_and_channels(pictures)

    def crop(resized):
        if tuple(size) == tuple(window):
            return resized
        begin = tf.concat([[0], offset, [0]], axis=0)
        return tf.slice(resized, begin, [number, *window, channels])

    def keep():
        # Cropped first, so that only the pixels needed are converted.
        return tf.cast(crop(pictures), tf.float32)

    def enlarge():
        # The raw op, since `resize_images` of compat.v1 has no half-pixel centres.
        return crop(tf.raw_ops.ResizeBilinear(images=pictures, size=size, half_pixel_centers=True))

    def shrink():
        # This op could serve for all sizes, but takes three times as long as ResizeBilinear to
        # enlarge. It computes the window alone; the weights may add up to a little over 1.
        translation = tf.zeros([2]) if offset is None else -tf.cast(offset, tf.float32)
        shrunk = tf.raw_ops.ScaleAndTranslate(
            images=pictures,
            size=window,
            scale=tf.constant(size, tf.float32) / tf.cast(present, tf.float32),
            translation=translation,
            kernel_type="triangle",
            antialias=True,
        )
        return tf.clip_by_value(shrunk, 0.0, 255.0)

    resized = tf.cond(
        tf.reduce_all(tf.equal(present, size)),
        keep,
        lambda: tf.cond(tf.reduce_all(present <= size), enlarge, shrink),
    )
    # Said here, not by ensure_shape within the branches: TensorFlow 1.15's graph optimizer would
    # take a branch's shape for that of the file, and so fold the condition to true.
    resized.set_shape([number, *window, channels])
    return resized


def fit_and_crop(pictures, size, draws, window, cover):
    """Resizes pictures without distortion and cuts the same window out of all of them.

    Args:
        pictures: uint8 or float32 [number, any height, any width, channels].
        size: (height, width) that the pictures are to cover or to fit in.
        draws: float32 tensor [2] in [0, 1): where the window is between top and bottom, left and
            right; None for the middle.
        window: (height, width) of the window.
        cover: Whether pictures cover the size, and protrude on one axis; else they fit in, between
            black bars.

    Returns:
        float32 [number, window height, window width, channels] in [0, 255].
    """
    number, channels = _number_and_channels(pictures)
    present = tf.cast(tf.shape(pictures)[1:3], tf.float32)
    wanted = tf.constant(size, tf.float32)
    ratio = (tf.reduce_max if cover else tf.reduce_min)(wanted / present)
    scaled = tf.maximum(tf.round(present * ratio), 1.0)
    canvas = tf.maximum(scaled, wanted)
    margin = tf.floor((canvas - scaled) / 2.0)
    free = canvas - tf.constant(window, tf.float32)
    offset = tf.floor(free / 2.0) if draws is None else tf.floor(draws * (free + 1.0))
    # Beyond the picture the op yields 0, which is black.
    resized = tf.raw_ops.ScaleAndTranslate(
        images=pictures,
        size=window,
        scale=scaled / present,
        translation=margin - offset,
        kernel_type="triangle",
        antialias=True,
    )
    resized.set_shape([number, *window, channels])
    return tf.clip_by_value(resized, 0.0, 255.0)


def _number_and_channels(pictures):
    shape = pictures.shape.as_list()
    return shape[0], shape[-1]


def mirror_if(mirrored, pictures):
    """Mirrors pictures left to right, each in its place, where the scalar `mirrored` is true."""
    number, height, width, channels = pictures.shape.as_list()

    def mirror():
        # As one tall picture, for which TensorFlow's reverse has a fast path (a fifth of the time).
        tall = tf.reshape(pictures, [number * height, width, channels])
        return tf.reshape(tf.reverse(tall, axis=[1]), [number, height, width, channels])

    return tf.cond(mirrored, mirror, lambda: pictures)
