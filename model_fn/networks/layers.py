"""The layers that both networks are made of. All pictures are NHWC."""

import tensorflow.compat.v1 as tf

from model_fn.operations import PLAIN

KERNEL = 4  # All convolutions are 4x4 (paper, section 6.1).
LEAK = 0.2  # Slope of LeakyReLU below zero (paper, section 6.1).
# Torch's default, with which the paper's networks were trained. The fused operation raises it to
# 1.001e-5, a difference of 0.05 % at most.
BATCH_NORM_EPSILON = 1e-5

BATCH = "batch"
IMAGE = "image"


def weight_initializer():
    """Normal with mean 0 and deviation 0.02 (paper, section 6.2)."""
    return tf.random_normal_initializer(0.0, 0.02)


def convolution(x, filters, stride, operations=PLAIN):
    """Convolves with a 4x4 kernel, one pixel of zeros around the picture, and adds a bias.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.
        stride: 2 halves both (even) sides, 1 takes one pixel off them.
        operations: `Operations` to compute it with.

    Returns:
        float [batch, new height, new width, filters].
    """
    channels = x.shape.as_list()[-1]
    kernel = tf.get_variable(
        "kernel", [KERNEL, KERNEL, channels, filters], initializer=weight_initializer()
    )
    bias = tf.get_variable("bias", [filters], initializer=tf.zeros_initializer())
    return tf.nn.bias_add(operations.convolve(x, kernel, stride), bias)


def transposed_convolution(x, filters, operations=PLAIN):
    """Doubles both sides with a 4x4 transposed convolution of stride 2 and adds a bias.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.
        operations: `Operations` to compute it with.

    Returns:
        float [batch, 2 height, 2 width, filters].
    """
    channels = x.shape.as_list()[-1]
    kernel = tf.get_variable(
        "kernel", [KERNEL, KERNEL, filters, channels], initializer=weight_initializer()
    )
    bias = tf.get_variable("bias", [filters], initializer=tf.zeros_initializer())
    return tf.nn.bias_add(operations.convolve_transposed(x, kernel), bias)


def batch_norm(x, statistics):
    """Normalises each channel to gamma * (x - mean) / deviation + beta.

    There are no moving averages: the paper takes the statistics of the data at hand in testing as
    well (section 3.4).

    Args:
        x: float32 [batch, height, width, channels].
        statistics: "batch": mean and variance over the batch and the picture, for training;
            "image": over each picture alone, so that a prediction does not depend on which others
            share its batch. With one picture to a batch, as in the paper, the two are the same.

    Returns:
        A tensor like x.
    """
    channels = x.shape.as_list()[-1]
    gamma = tf.get_variable(
        "gamma", [channels], initializer=tf.random_normal_initializer(1.0, 0.02)
    )
    beta = tf.get_variable("beta", [channels], initializer=tf.zeros_initializer())
    if statistics == BATCH:
        normalised, _, _ = tf.nn.fused_batch_norm(
            x, gamma, beta, epsilon=BATCH_NORM_EPSILON, is_training=True
        )
        return normalised
    mean, variance = tf.nn.moments(x, axes=[1, 2], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, BATCH_NORM_EPSILON)


def leaky_relu(x, operations=PLAIN):
    """max(x, 0.2 x)."""
    return operations.leaky_relu(x, LEAK)
