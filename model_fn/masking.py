"""Pixels that do not count: their share in means is nothing, and discriminators do not see them."""

import tensorflow.compat.v1 as tf


def weighted_mean(values, weights, axis=None):
    """Takes the mean of values by the weights of their pixels.

    Args:
        values: float32 [batch, height, width, channels], finite.
        weights: float32 [batch, height, width, 1] in [0, 1]; None if all count the same.
        axis: The axes to take the mean over; None for all.

    Returns:
        float32, the weighted mean; 0 where nothing counts.
    """
    if weights is None:
        return tf.reduce_mean(values, axis=axis)
    counts = weights * tf.ones_like(values)
    # A crop may have nothing that counts.
    total = tf.maximum(tf.reduce_sum(counts, axis=axis), 1e-6)
    return tf.reduce_sum(values * counts, axis=axis) / total


def masked(picture, weights):
    """Puts 0, the middle of the range, where nothing counts, so that real and fake are alike there.

    Args:
        picture: float32 [batch, height, width, channels] in [-1, 1].
        weights: As of `weighted_mean`.

    Returns:
        Like the picture; the gradient of what is replaced is 0.
    """
    if weights is None:
        return picture
    return picture * tf.cast(weights > 0.0, tf.float32)
