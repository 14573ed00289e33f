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


def lab_to_rgb(lightness, colour):
    """Turns lightness and colour back into RGB; what no screen can show is cut off.

    Args:
        lightness: float32 [..., 1] in [-1, 1], as `rgb_to_lab` returns it.
        colour: float32 [..., 2] in [-1, 1], likewise.

    Returns:
        float32 [..., 3] in [-1, 1].
    """
    f_y = ((lightness[..., 0] + 1.0) * LIGHTNESS_HALF_RANGE + 16.0) / 116.0
    f_x = f_y + colour[..., 0] * (COLOUR_RANGE / 500.0)
    f_z = f_y - colour[..., 1] * (COLOUR_RANGE / 200.0)
    f = tf.stack([f_x, f_y, f_z], axis=-1)
    xyz = tf.where(f > 6.0 / 29.0, f * f * f, (f - 4.0 / 29.0) * (108.0 / 841.0))
    matrix = np.linalg.inv(_RGB_TO_XYZ.astype(np.float64)) * _WHITE.astype(np.float64)
    linear = tf.tensordot(xyz, tf.constant(matrix.T.astype(np.float32)), axes=1)
    linear = tf.clip_by_value(linear, 0.0, 1.0)
    # The base is kept away from 0, where the derivative of a power is infinite.
    curved = 1.055 * tf.pow(tf.maximum(linear, 0.0031308), 1.0 / 2.4) - 0.055
    rgb = tf.where(linear <= 0.0031308, linear * 12.92, curved)
    return rgb * 2.0 - 1.0
