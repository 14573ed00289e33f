"""Network pictures to pictures for the eye."""

import tensorflow.compat.v1 as tf


def to_uint8(picture):
    """Turns float pictures in [-1, 1] into uint8 in 0..255, rounded to nearest."""
    return tf.saturate_cast(tf.round((picture + 1.0) * 127.5), tf.uint8)


def image_rows(x, fake, y):
    """Puts input, output and target side by side.

    Args:
        x: float32 [batch, height, width, 1 or 3] in [-1, 1]; likewise `fake` and `y`.
        fake: The generator's pictures.
        y: The targets.

    Returns:
        uint8 [batch, height, 3 width, 3].
    """
    pictures = [
        tf.image.grayscale_to_rgb(picture) if picture.shape.as_list()[-1] == 1 else picture
        for picture in (x, fake, y)
    ]
    return to_uint8(tf.concat(pictures, axis=2))
