"""The layers that both networks are made of. All pictures are NHWC."""

import tensorflow.compat.v1 as tf

from model_fn.networks.initialisation import weight_initializer
from model_fn.operations import PLAIN

KERNEL = 4  # All convolutions are 4x4 (paper, section 6.1).
LEAK = 0.2  # Slope of LeakyReLU below zero (paper, section 6.1).


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


def leaky_relu(x, operations=PLAIN):
    """max(x, 0.2 x)."""
    return operations.leaky_relu(x, LEAK)
