"""The layers that both networks are made of. All pictures are NHWC."""

import tensorflow.compat.v1 as tf

KERNEL = 4  # All convolutions are 4x4 (paper, section 6.1).
LEAK = 0.2  # Slope of LeakyReLU below zero (paper, section 6.1).
BATCH_NORM_EPSILON = 1e-5  # Torch's default, with which the paper's networks were trained.

BATCH = "batch"
IMAGE = "image"


def weight_initializer():
    """Normal with mean 0 and deviation 0.02 (paper, section 6.2)."""
    return tf.random_normal_initializer(0.0, 0.02)


def convolution(x, filters, stride, padding="SAME"):
    """Convolves with a 4x4 kernel and adds a bias.

    Args:
        x: float [batch, height, width, channels].
        filters: Number of output channels.
        stride: 1 or 2. Stride 2 halves both sides with one pixel of zeros around, as in Torch.
        padding: "SAME", or "VALID" where the caller has padded.

    Returns:
        float [batch, new height, new width, filters].
    """
    channels = x.shape[-1].value if hasattr(x.shape[-1], "value") else x.shape[-1]
    kernel = tf.get_variable(
        "kernel", [KERNEL, KERNEL, channels, filters], initializer=weight_initializer()
    )
    bias = tf.get_variable("bias", [filters], initializer=tf.zeros_initializer())
    x = tf.nn.conv2d(x, kernel, strides=[1, stride, stride, 1], padding=padding)
    return tf.nn.bias_add(x, bias)


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
