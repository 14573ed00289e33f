"""Normalisation of activations, with the statistics of the data at hand."""

import tensorflow.compat.v1 as tf

from model_fn.networks.initialisation import gamma_initializer
from model_fn.networks.statistics import GivenStatistics

# Torch's default, with which the paper's networks were trained. The fused operation raises it to
# 1.001e-5, a difference of 0.05 % at most.
BATCH_NORM_EPSILON = 1e-5

# Whose statistics batch norm takes.
BATCH = "batch"
IMAGE = "image"

BATCH_NORM = "batch"
INSTANCE_NORM = "instance"
NO_NORM = "none"
NORMS = (BATCH_NORM, INSTANCE_NORM, NO_NORM)


def normalise(x, norm, statistics):
    """Normalises as a network's `norm` says.

    Args:
        x: float32 [batch, height, width, channels].
        norm: One of `NORMS`.
        statistics: Of batch norm: "batch" or "image"; or, of instance norm as well,
            `GivenStatistics`.

    Returns:
        A tensor like x.
    """
    if norm == BATCH_NORM:
        return batch_norm(x, statistics)
    return instance_norm(x, statistics) if norm == INSTANCE_NORM else x


def batch_norm(x, statistics):
    """Normalises each channel to gamma * (x - mean) / deviation + beta.

    There are no moving averages: the paper takes the statistics of the data at hand in testing as
    well (section 3.4).

    Args:
        x: float32 [batch, height, width, channels].
        statistics: "batch": mean and variance over the batch and the picture, for training;
            "image": over each picture alone, so that a prediction does not depend on which others
            share its batch. With one picture to a batch, as in the paper, the two are the same.
            Or `GivenStatistics`.

    Returns:
        A tensor like x.
    """
    channels = x.shape.as_list()[-1]
    gamma = tf.get_variable("gamma", [channels], initializer=gamma_initializer())
    beta = tf.get_variable("beta", [channels], initializer=tf.zeros_initializer())
    if statistics == BATCH:
        normalised, _, _ = tf.nn.fused_batch_norm(
            x, gamma, beta, epsilon=BATCH_NORM_EPSILON, is_training=True
        )
        return normalised
    if statistics == IMAGE:
        mean, variance = tf.nn.moments(x, axes=[1, 2], keepdims=True)
    else:
        mean, variance = statistics.moments(x)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, BATCH_NORM_EPSILON)


def instance_norm(x, statistics=IMAGE):
    """Normalises each channel of each picture to mean 0 and deviation 1.

    There is nothing to be learnt, as in junyanz's program (Ulyanov et al. 2016).

    Args:
        x: float32 [batch, height, width, channels], of more than one pixel; height and width are
            static.
        statistics: `GivenStatistics`, or anything else for those of the picture.

    Returns:
        A tensor like x.
    """
    if isinstance(statistics, GivenStatistics):
        mean, variance = statistics.moments(x)
        return (x - mean) * tf.rsqrt(variance + BATCH_NORM_EPSILON)
    _, height, width, _ = x.shape.as_list()
    # By sums and products alone, whose second derivatives (of WGAN-GP) have static shapes and are
    # right: in those of `tf.nn.moments` the variance takes the mean for constant.
    share = 1.0 / (height * width)
    x = x - share * tf.reduce_sum(x, axis=[1, 2], keepdims=True)
    variance = share * tf.reduce_sum(x * x, axis=[1, 2], keepdims=True)
    return x * tf.rsqrt(variance + BATCH_NORM_EPSILON)
