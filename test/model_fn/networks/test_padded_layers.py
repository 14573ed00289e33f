"""Layers of odd kernels, resized and separable ones against scipy, in float64."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from scipy.ndimage import zoom
from scipy.signal import convolve, correlate

from model_fn.networks.layers import (
    REFLECTION,
    ZEROS,
    padded_convolution,
    padded_transposed_convolution,
    resized_convolution,
    resized_separable_convolution,
    separable_convolution,
)

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def correlated(x, kernel):
    """Of NHWC pictures, where the whole kernel lies in the picture."""
    filters = range(kernel.shape[-1])
    return np.stack(
        [
            np.concatenate(
                [correlate(one, kernel[..., f], "valid", method="direct") for f in filters], -1
            )
            for one in np.float64(x)
        ]
    )


def around(x, before, after, mode="constant"):
    return np.pad(x, [(0, 0), (before, after), (before, after), (0, 0)], mode=mode)


@pytest.fixture
def run(known_network):
    """Runs a layer with known weights; returns its output and them."""

    def values(layer, x):
        with known_network(lambda: layer(tf.constant(x))) as (session, outputs, weights):
            return session.run(outputs), weights

    return values


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize(("padding", "mode"), [(REFLECTION, "reflect"), (ZEROS, "constant")])
def test_padded_convolution(run, pictures, size, stride, padding, mode):
    x = pictures(2, 8, 10, 3)
    outputs, weights = run(lambda x: padded_convolution(x, 4, size, stride, padding), x)
    whole = correlated(around(x, size // 2, size // 2, mode), weights["kernel"])
    np.testing.assert_allclose(outputs, whole[:, ::stride, ::stride] + weights["bias"], **CLOSE)


def test_reflection_leaves_the_edge_itself_out(evaluate):
    def build():
        ones = tf.ones_initializer()
        with tf.variable_scope("", initializer=ones):
            return padded_convolution(tf.constant([[[[1.0], [10.0]], [[100.0], [1000.0]]]]), 1, 3)

    # Around the pixel 1 of the corner lie 10 twice, 100 twice and 1000 four times.
    assert evaluate(build)[0, 0, 0, 0] == 1 + 2 * 10 + 2 * 100 + 4 * 1000


class TestTransposedConvolution:
    """PyTorch's with kernel 3, stride 2, padding 1 and output padding 1."""

    @pytest.mark.parametrize("shape", [(2, 3, 4, 2), (1, 1, 1, 3)])
    def test_values(self, run, pictures, shape):
        x = pictures(*shape)
        outputs, weights = run(lambda x: padded_transposed_convolution(x, 2), x)
        spread = np.zeros([shape[0], 2 * shape[1], 2 * shape[2], shape[3]])
        spread[:, ::2, ::2] = x
        wanted = np.zeros(outputs.shape) + weights["bias"]
        for n, i, o in np.ndindex(shape[0], shape[3], 2):
            whole = convolve(spread[n, :, :, i], weights["kernel"][:, :, o, i])
            wanted[n, :, :, o] += whole[1:-1, 1:-1]
        np.testing.assert_allclose(outputs, wanted, **CLOSE)

    def test_a_pixel_reaches_its_own_place_and_one_line_on_each_side(self, evaluate):
        def build():
            numbered = tf.constant_initializer(np.arange(1.0, 10.0).reshape(3, 3, 1, 1))
            with tf.variable_scope("", initializer=numbered):
                x = tf.constant([[[[0.0], [0.0]], [[0.0], [1.0]]]])
                return padded_transposed_convolution(x, 1)[0, :, :, 0]

        # Pixel (1, 1) goes to rows and columns 1 to 3.
        wanted = [[0, 0, 0, 0], [0, 1, 2, 3], [0, 4, 5, 6], [0, 7, 8, 9]]
        assert evaluate(build).tolist() == wanted

    def test_is_the_transpose_of_the_convolution(self, evaluate, pictures):
        """<convolution(x), y> = <x, transposed(y)> for the same kernel, without biases."""
        large, small = pictures(1, 6, 8, 2, seed=1), pictures(1, 3, 4, 3, seed=2)

        def build():
            kernel = tf.constant_initializer(pictures(3, 3, 2, 3, seed=3))
            with tf.variable_scope("", initializer=kernel):
                with tf.variable_scope("down"):
                    down = padded_convolution(tf.constant(large), 3, 3, 2, ZEROS)
                with tf.variable_scope("up"):
                    up = padded_transposed_convolution(tf.constant(small), 2)
            return tf.reduce_sum(down * small), tf.reduce_sum(up * large)

        one, other = evaluate(build)
        assert one == pytest.approx(other, rel=1e-5)

    def test_batch_size_may_be_left_open(self):
        with tf.Graph().as_default():
            x = tf.placeholder(tf.float32, [None, 4, 6, 2])
            assert padded_transposed_convolution(x, 3).shape.as_list() == [None, 8, 12, 3]


def test_resized_convolution(run, pictures):
    x = pictures(2, 3, 4, 2)
    outputs, weights = run(lambda x: resized_convolution(x, 3), x)
    assert outputs.shape == (2, 6, 8, 3)
    twice = zoom(np.float64(x), [1, 2, 2, 1], order=0, grid_mode=True, mode="nearest")
    wanted = correlated(around(twice, 1, 1), weights["kernel"]) + weights["bias"]
    np.testing.assert_allclose(outputs, wanted, **CLOSE)


class TestSeparableConvolution:
    def correlated(self, x, weights):
        """Each channel with a kernel of its own, then a mixture of the channels."""
        depthwise = weights["depthwise"]
        channels = [
            correlated(x[..., i : i + 1], depthwise[:, :, i : i + 1]) for i in range(x.shape[-1])
        ]
        return np.concatenate(channels, -1) @ weights["pointwise"][0, 0] + weights["bias"]

    # TensorFlow's SAME: with stride 2 one line on each side, with stride 1 one before, two after.
    @pytest.mark.parametrize(("stride", "after"), [(2, 1), (1, 2)])
    def test_values(self, run, pictures, stride, after):
        x = pictures(2, 6, 8, 3)
        outputs, weights = run(lambda x: separable_convolution(x, 5, stride), x)
        whole = self.correlated(around(x, 1, after), weights)
        np.testing.assert_allclose(outputs, whole[:, ::stride, ::stride], **CLOSE)

    def test_resized(self, run, pictures):
        x = pictures(2, 3, 4, 3)
        outputs, weights = run(lambda x: resized_separable_convolution(x, 5), x)
        twice = np.kron(x, np.ones([1, 2, 2, 1]))
        np.testing.assert_allclose(outputs, self.correlated(around(twice, 1, 2), weights), **CLOSE)
