"""The layers that both networks are made of. All pictures are NHWC."""

import numpy as np
import tensorflow.compat.v1 as tf

KERNEL = 4  # All convolutions are 4x4 (paper, section 6.1).
LEAK = 0.2  # Slope of LeakyReLU below zero (paper, section 6.1).
# Torch's default, with which the paper's networks were trained. The fused operation raises it to
# 1.001e-5, a difference of 0.05 % at most.
BATCH_NORM_EPSILON = 1e-5

_ONE_PIXEL = [[0, 0], [1, 1], [1, 1], [0, 0]]

BATCH = "batch"
IMAGE = "image"


def weight_initializer():
    """Normal with mean 0 and deviation 0.02 (paper, section 6.2)."""
    return tf.random_normal_initializer(0.0, 0.02)


def convolution(x, filters, stride):
    """Convolves with a 4x4 kernel, one pixel of zeros around the picture, and adds a bias.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.
        stride: 2 halves both (even) sides, 1 takes one pixel off them.

    Returns:
        float [batch, new height, new width, filters].
    """
    channels = x.shape.as_list()[-1]
    kernel = tf.get_variable(
        "kernel", [KERNEL, KERNEL, channels, filters], initializer=weight_initializer()
    )
    bias = tf.get_variable("bias", [filters], initializer=tf.zeros_initializer())
    if stride == 1 and filters == 1:
        x = _convolve_to_one_channel(x, kernel)
    elif stride == 1:
        # SAME would add an uneven third line of zeros.
        x = tf.nn.conv2d(tf.pad(x, _ONE_PIXEL), kernel, strides=[1, 1, 1, 1], padding="VALID")
    else:
        x = tf.nn.conv2d(x, kernel, strides=[1, stride, stride, 1], padding="SAME")
    return tf.nn.bias_add(x, bias)


def _convolve_to_one_channel(x, kernel):
    """Convolves with stride 1 to one channel, as a matrix product and a sum of shifted maps.

    TensorFlow's convolution turns to matrix times vector here, and its gradients take as long as
    those of a layer with hundreds of filters: on CPUs this form is some 15 times as fast.
    """
    _, height, width, channels = x.shape.as_list()
    taps = KERNEL * KERNEL
    maps = tf.matmul(
        tf.reshape(x, [-1, channels]), tf.reshape(kernel, [taps, channels]), transpose_b=True
    )
    maps = tf.pad(tf.reshape(maps, [-1, height, width, taps]), _ONE_PIXEL)
    # Map number k holds the products with tap k: a kernel of ones picks each at its tap's place.
    shifts = tf.constant(np.eye(taps).reshape(KERNEL, KERNEL, taps, 1), x.dtype)
    return tf.nn.conv2d(maps, shifts, strides=[1, 1, 1, 1], padding="VALID")


def transposed_convolution(x, filters):
    """Doubles both sides with a 4x4 transposed convolution of stride 2 and adds a bias.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.

    Returns:
        float [batch, 2 height, 2 width, filters].
    """
    batch, height, width, channels = x.shape.as_list()
    kernel = tf.get_variable(
        "kernel", [KERNEL, KERNEL, filters, channels], initializer=weight_initializer()
    )
    bias = tf.get_variable("bias", [filters], initializer=tf.zeros_initializer())
    # Whole numbers where they are known: the offline compiler for NPUs takes no other shape.
    batch = tf.shape(x)[0] if batch is None else batch
    output_shape = [batch, 2 * height, 2 * width, filters]
    x = tf.nn.conv2d_transpose(x, kernel, output_shape, strides=[1, 2, 2, 1], padding="SAME")
    return tf.nn.bias_add(x, bias)


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


def leaky_relu(x):
    """max(x, 0.2 x)."""
    return tf.nn.leaky_relu(x, alpha=LEAK)
