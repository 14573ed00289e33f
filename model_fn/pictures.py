"""Network pictures to pictures for the eye."""

import tensorflow.compat.v1 as tf

from model_fn.lab import lab_to_rgb


def to_uint8(picture):
    """Turns float pictures in [-1, 1] into uint8 in 0..255, rounded to nearest."""
    return tf.saturate_cast(tf.round((picture + 1.0) * 127.5), tf.uint8)


def shown(x, y, network):
    """Turns an output or a target into what is shown and scored.

    Args:
        x: float32 [batch, height, width, input_channels] in [-1, 1], the input.
        y: float32 [batch, height, width, output_channels] in [-1, 1].
        network: `NetworkConfig`.

    Returns:
        y, or with `network.lab` the RGB pictures of the lightness x and the colours y.
    """
    return lab_to_rgb(x, y) if network.lab else y


def image_rows(x, fake, y):
    """Puts input, output and target side by side.

    Args:
        x: float32 [batch, height, width, channels] in [-1, 1]; likewise `fake` and `y`.
        fake: The generator's pictures.
        y: The targets.

    Returns:
        uint8 [batch, height, 3 width, 3]: of 3 channels or more the first three, else the first.
    """
    pictures = [
        picture[..., :3]
        if picture.shape.as_list()[-1] >= 3
        else tf.image.grayscale_to_rgb(picture[..., :1])
        for picture in (x, fake, y)
    ]
    return to_uint8(tf.concat(pictures, axis=2))
