"""Initialisers against the deviations of their papers, with the inputs as PyTorch counts them."""

import math

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig
from model_fn.networks.initialisation import weight_initializer
from model_fn.networks.layers import (
    convolution,
    padded_convolution,
    padded_transposed_convolution,
    transposed_convolution,
)

# (layer of 24 channels, filters): the kernels [4, 4, 24, 40], [3, 3, 24, 40] and, transposed,
# [4, 4, 40, 24], [3, 3, 40, 24].
LAYERS = {
    "convolution": lambda x: convolution(x, 40, 2),
    "padded": lambda x: padded_convolution(x, 40, 3),
    "transposed": lambda x: transposed_convolution(x, 40),
    "padded transposed": lambda x: padded_transposed_convolution(x, 40),
}


@pytest.fixture
def kernel(evaluate):
    """Returns the first values of a layer's kernel."""

    def draw(name, gain, layer):
        network = NetworkConfig(initialisation=name, initial_gain=gain)

        def build():
            tf.set_random_seed(1)
            with tf.variable_scope("", initializer=weight_initializer(network)):
                LAYERS[layer](tf.zeros([1, 4, 4, 24]))
            return [one.read_value() for one in tf.global_variables()]

        kernel, bias = evaluate(build)
        assert not bias.any()
        return kernel

    return draw


@pytest.mark.parametrize(
    ("name", "gain", "layer", "deviation"),
    [
        ("normal", 0.02, "convolution", 0.02),
        ("normal", 0.5, "transposed", 0.5),
        # gain sqrt(2 / (inputs + outputs)): 16 (24 + 40) = 1024 and 9 (24 + 40) = 576.
        ("xavier", 1.0, "convolution", math.sqrt(2 / 1024)),
        ("xavier", 0.02, "convolution", 0.02 * math.sqrt(2 / 1024)),
        ("xavier", 1.0, "transposed", math.sqrt(2 / 1024)),
        ("xavier", 3.0, "padded", 3 * math.sqrt(2 / 576)),
        # sqrt(2 / inputs): 16 x 24 = 384 and 9 x 24 = 216. PyTorch takes the second side of its
        # kernels for the inputs, which is the outputs of a transposed one: 16 x 40 and 9 x 40.
        ("kaiming", 0.02, "convolution", math.sqrt(2 / 384)),
        ("kaiming", 5.0, "convolution", math.sqrt(2 / 384)),
        ("kaiming", 0.02, "padded", math.sqrt(2 / 216)),
        ("kaiming", 0.02, "transposed", math.sqrt(2 / 640)),
        ("kaiming", 0.02, "padded transposed", math.sqrt(2 / 360)),
    ],
)
def test_kernels_are_normal_with_a_deviation(kernel, name, gain, layer, deviation):
    values = kernel(name, gain, layer)
    # At least 8640 numbers, whose deviation is known to 0.8 %.
    assert np.std(values) == pytest.approx(deviation, rel=0.03)
    assert np.mean(values) == pytest.approx(0.0, abs=0.05 * deviation)
    # Not cut off at two deviations: 4.6 % lie beyond.
    assert np.mean(np.abs(values) > 2 * deviation) == pytest.approx(0.046, abs=0.01)


@pytest.mark.parametrize("gain", [1.0, 0.02])
@pytest.mark.parametrize("layer", list(LAYERS))
def test_orthogonal_kernels_have_columns_at_right_angles_of_length_gain(kernel, layer, gain):
    """Of the matrix with a column to each of the last side, as PyTorch's has a row to each."""
    matrix = np.float64(kernel("orthogonal", gain, layer))
    matrix = matrix.reshape(-1, matrix.shape[-1])
    products = matrix.T @ matrix / gain**2
    np.testing.assert_allclose(products, np.eye(len(products)), atol=1e-5)


def test_orthogonal_kernels_with_fewer_inputs_than_filters_have_rows_at_right_angles(evaluate):
    network = NetworkConfig(initialisation="orthogonal", initial_gain=1.0)

    def build():
        with tf.variable_scope("", initializer=weight_initializer(network)):
            padded_convolution(tf.zeros([1, 4, 4, 6]), 20, 1)
        return tf.global_variables()[0].read_value()

    matrix = evaluate(build).reshape(6, 20)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(6), atol=1e-5)


@pytest.mark.parametrize("name", ["normal", "xavier", "kaiming", "orthogonal"])
def test_both_networks_are_initialised_so(evaluate, build_generator, build_discriminator, name):
    """Kernels of 4x4, from 8 to 16 channels, of the same layers in both."""
    network = NetworkConfig(
        32, 32, generator_filters=8, discriminator_filters=8, initialisation=name, initial_gain=2.0
    )

    def build():
        tf.set_random_seed(1)
        build_generator(network)
        build_discriminator(network)
        variables = {one.op.name: one.read_value() for one in tf.trainable_variables()}
        return (
            variables["generator/encoder_2/kernel"],
            variables["discriminator/layer_2/kernel"],
        )

    wanted = {
        "normal": 2.0,
        "xavier": 2.0 * math.sqrt(2 / (16 * 24)),
        "kaiming": math.sqrt(2 / 128),
        # A column of 128 numbers is as long as the gain.
        "orthogonal": 2.0 / math.sqrt(128),
    }
    for kernel in evaluate(build):
        assert kernel.shape == (4, 4, 8, 16)
        assert np.std(kernel) == pytest.approx(wanted[name], rel=0.06)
