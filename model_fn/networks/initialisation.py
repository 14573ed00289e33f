"""What the variables of a new network hold."""

import tensorflow.compat.v1 as tf

NORMAL = "normal"


def _normal(gain):
    return tf.random_normal_initializer(0.0, gain)


def _xavier(gain):
    return tf.variance_scaling_initializer(gain**2, "fan_avg", "untruncated_normal")


def _kaiming(gain):
    """The deviation follows from the ReLU that comes after; the gain has no part in it."""
    del gain
    return tf.variance_scaling_initializer(2.0, "fan_in", "untruncated_normal")


def _orthogonal(gain):
    return tf.orthogonal_initializer(gain)


# Functions of the gain, by name. A kernel's inputs are counted from its third side, that is the
# output channels of a transposed convolution, as PyTorch counts them (junyanz's program, whose
# names these are).
INITIALISERS = {
    NORMAL: _normal,  # Of mean 0 and deviation `gain`: 0.02 in the paper (section 6.2).
    "xavier": _xavier,  # Glorot and Bengio 2010, times the gain.
    "kaiming": _kaiming,  # He et al. 2015.
    "orthogonal": _orthogonal,  # Saxe et al. 2014, times the gain.
}


def weight_initializer(network):
    """Makes the initialiser of a network's kernels.

    Args:
        network: `NetworkConfig`, for `initialisation` and `initial_gain`.
    """
    return INITIALISERS[network.initialisation](network.initial_gain)


def gamma_initializer():
    """Normal with mean 1 and deviation 0.02, as the paper's program has it."""
    return tf.random_normal_initializer(1.0, 0.02)
