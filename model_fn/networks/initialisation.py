"""What the variables of a new network hold."""

import tensorflow.compat.v1 as tf


def weight_initializer():
    """Normal with mean 0 and deviation 0.02 (paper, section 6.2)."""
    return tf.random_normal_initializer(0.0, 0.02)


def gamma_initializer():
    """Normal with mean 1 and deviation 0.02, as the paper's program has it."""
    return tf.random_normal_initializer(1.0, 0.02)
