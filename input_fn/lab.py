"""Colours in CIE Lab: lightness L, green to red a, blue to yellow b."""

import numpy as np
import tensorflow.compat.v1 as tf

# L has the range 0..100. Of all sRGB colours, a is between -86 and 98 and b between -108 and 95, so
# that a and b divided by 110 are in [-1, 1], as in affinelayer's pix2pix.
LIGHTNESS_HALF_RANGE = 50.0
COLOUR_RANGE = 110.0

# sRGB to XYZ (IEC 61966-2-1), white point D65.
_RGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ],
    np.float32,
)
_WHITE = _RGB_TO_XYZ.sum(axis=1)
# CIE 15: the cube root is continued by a straight line below this.
_EPSILON = (6.0 / 29.0) ** 3


def rgb_to_lab(rgb):
    """Turns colours into Lab, scaled for a network.

    Args:
        rgb: float32 [..., 3] in [0, 255].

    Returns:
        `(lightness, colour)`: float32 [..., 1] and [..., 2], both in [-1, 1].
    """
    rgb = tf.clip_by_value(rgb / 255.0, 0.0, 1.0)
    linear = tf.where(rgb <= 0.04045, rgb / 12.92, tf.pow((rgb + 0.055) / 1.055, 2.4))
    xyz = tf.tensordot(linear, tf.constant((_RGB_TO_XYZ / _WHITE[:, None]).T), axes=1)
    cubic = tf.pow(tf.maximum(xyz, _EPSILON), 1.0 / 3.0)
    f = tf.where(xyz > _EPSILON, cubic, xyz * (841.0 / 108.0) + 4.0 / 29.0)
    lightness = 116.0 * f[..., 1:2] - 16.0
    colour = tf.stack([500.0 * (f[..., 0] - f[..., 1]), 200.0 * (f[..., 1] - f[..., 2])], axis=-1)
    return lightness / LIGHTNESS_HALF_RANGE - 1.0, colour / COLOUR_RANGE
