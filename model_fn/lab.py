"""From CIE Lab, as networks have it, back to colours for the eye."""

import numpy as np
import tensorflow.compat.v1 as tf

# What networks see is L / 50 - 1 and (a, b) / 110.
LIGHTNESS_HALF_RANGE = 50.0
COLOUR_RANGE = 110.0

# sRGB to XYZ (IEC 61966-2-1), white point D65.
_RGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)


def lab_to_rgb(lightness, colour):
    """Turns lightness and colour into RGB; what no screen can show is cut off.

    Args:
        lightness: float32 [..., 1] in [-1, 1], L / 50 - 1.
        colour: float32 [..., 2] in [-1, 1], a / 110 and b / 110.

    Returns:
        float32 [..., 3] in [-1, 1].
    """
    f_y = ((lightness[..., 0] + 1.0) * LIGHTNESS_HALF_RANGE + 16.0) / 116.0
    f_x = f_y + colour[..., 0] * (COLOUR_RANGE / 500.0)
    f_z = f_y - colour[..., 1] * (COLOUR_RANGE / 200.0)
    f = tf.stack([f_x, f_y, f_z], axis=-1)
    xyz = tf.where(f > 6.0 / 29.0, f * f * f, (f - 4.0 / 29.0) * (108.0 / 841.0))
    white = _RGB_TO_XYZ.sum(axis=1)
    matrix = (np.linalg.inv(_RGB_TO_XYZ) * white).T.astype(np.float32)
    linear = tf.clip_by_value(tf.tensordot(xyz, tf.constant(matrix), axes=1), 0.0, 1.0)
    # The base is kept away from 0, where the derivative of a power is infinite.
    curved = 1.055 * tf.pow(tf.maximum(linear, 0.0031308), 1.0 / 2.4) - 0.055
    rgb = tf.where(linear <= 0.0031308, linear * 12.92, curved)
    return rgb * 2.0 - 1.0
