"""Layers against convolutions of scipy and statistics of numpy, in float64."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from scipy.signal import convolve2d, correlate2d

from model_fn import NetworkConfig
from model_fn.matrix_products import BY_PRODUCTS
from model_fn.networks.initialisation import weight_initializer
from model_fn.networks.layers import convolution, leaky_relu, transposed_convolution
from model_fn.networks.norms import BATCH, IMAGE, batch_norm
from model_fn.operations import PLAIN

both_ways = pytest.mark.parametrize(
    "operations", [PLAIN, BY_PRODUCTS], ids=["plain", "by products"]
)
CLOSE = {"rtol": 1e-4, "atol": 1e-5}
# The kernel 1, 2, .. 16 shows by each number which tap it comes from.
NUMBERED = np.arange(1.0, 17.0).reshape(4, 4)


def padded(channel):
    """Torch's padding of 1: one line of zeros on each side."""
    return np.pad(channel, 1)


def spread(channel, stride):
    """Puts stride - 1 zeros between neighbours."""
    height, width = channel.shape
    result = np.zeros([stride * (height - 1) + 1, stride * (width - 1) + 1])
    result[::stride, ::stride] = channel
    return result


def channel_pairs(inputs, outputs):
    """Yields, for NHWC arrays, (picture, input channel, output channel) numbers."""
    return np.ndindex(len(inputs), inputs.shape[-1], outputs.shape[-1])


def convolved(x, kernel, bias, stride):
    height, width = (side // 2 if stride == 2 else side - 1 for side in x.shape[1:3])
    result = np.zeros([len(x), height, width, len(bias)]) + bias
    for n, i, o in channel_pairs(x, result):
        whole = correlate2d(padded(x[n, :, :, i]), kernel[:, :, i, o], "valid")
        result[n, :, :, o] += whole[::stride, ::stride]
    return result


def convolution_gradients(x, kernel, stride, gradient):
    """The gradients by the input, the kernel and the bias."""
    by_input, by_kernel = np.zeros(x.shape), np.zeros(kernel.shape)
    for n, i, o in channel_pairs(x, gradient):
        between = spread(gradient[n, :, :, o], stride)
        by_input[n, :, :, i] += convolve2d(between, kernel[:, :, i, o])[1:-1, 1:-1]
        by_kernel[:, :, i, o] += correlate2d(padded(x[n, :, :, i]), between, "valid")
    return by_input, by_kernel, gradient.sum(axis=(0, 1, 2))


def transposed(x, kernel, bias):
    batch, height, width, _ = x.shape
    result = np.zeros([batch, 2 * height, 2 * width, len(bias)]) + bias
    for n, i, o in channel_pairs(x, result):
        whole = convolve2d(spread(x[n, :, :, i], 2), kernel[:, :, o, i])
        result[n, :, :, o] += whole[1:-1, 1:-1]
    return result


def transposed_gradients(x, kernel, gradient):
    """The gradients by the input, the kernel and the bias."""
    by_input, by_kernel = np.zeros(x.shape), np.zeros(kernel.shape)
    for n, i, o in channel_pairs(x, gradient):
        around = padded(gradient[n, :, :, o])
        by_input[n, :, :, i] += correlate2d(around, kernel[:, :, o, i], "valid")[::2, ::2]
        by_kernel[:, :, o, i] += correlate2d(around, spread(x[n, :, :, i], 2), "valid")
    return by_input, by_kernel, gradient.sum(axis=(0, 1, 2))


def lone_pixel(side, row, column):
    x = np.zeros([1, side, side, 1], np.float32)
    x[0, row, column, 0] = 1.0
    return x


def run_numbered(build):
    """Runs a layer of one channel with the numbered kernel."""
    with tf.Graph().as_default(), tf.Session() as session:
        outputs = build()
        kernel, bias = tf.trainable_variables()
        kernel.load(NUMBERED.reshape(4, 4, 1, 1), session)
        bias.load([0.0], session)
        return session.run(outputs)[0, :, :, 0].tolist()


def values_and_gradients(known_network, pictures, x, layer):
    """Runs a layer with known weights: its output, a gradient, what follows, and the weights."""

    def build():
        inputs = tf.constant(x)
        outputs = layer(inputs)
        gradient = tf.constant(pictures(*outputs.shape.as_list(), seed=1))
        towards = [inputs, *tf.trainable_variables()]
        return outputs, gradient, tf.gradients(outputs, towards, gradient)

    with known_network(build) as (session, tensors, weights):
        return (*session.run(tensors), weights)


@both_ways
class TestConvolution:
    # By products, few channels, one filter with stride 1, and a kernel that is large beside the
    # picture (16 channels, more filters than pixels come out) are computed in ways of their own.
    @pytest.mark.parametrize(("filters", "stride"), [(1, 1), (3, 1), (1, 2), (3, 2), (17, 2)])
    @pytest.mark.parametrize("shape", [(2, 6, 8, 3), (1, 4, 4, 1), (2, 6, 8, 16), (1, 4, 4, 16)])
    def test_values_and_gradients(
        self, known_network, pictures, operations, shape, filters, stride
    ):
        x = pictures(*shape)
        outputs, gradient, gradients, weights = values_and_gradients(
            known_network, pictures, x, lambda x: convolution(x, filters, stride, operations)
        )
        kernel, bias = weights["kernel"], weights["bias"]
        np.testing.assert_allclose(outputs, convolved(x, kernel, bias, stride), **CLOSE)
        wanted = convolution_gradients(x, kernel, stride, gradient)
        for one, wanted_one in zip(gradients, wanted):
            np.testing.assert_allclose(one, wanted_one, **CLOSE)

    def test_stride_2_pads_one_line_on_each_side(self, operations):
        # Output row i sees rows 2i - 1 to 2i + 2: the pixel (1, 1) lies at its tap 2 - 2i.
        pixel = lone_pixel(4, 1, 1)
        outputs = run_numbered(lambda: convolution(tf.constant(pixel), 1, 2, operations))
        assert outputs == [[11, 9], [3, 1]]

    def test_stride_1_to_one_filter_pads_one_line_on_each_side(self, operations):
        # Output row i sees rows i - 1 to i + 2: the pixel (1, 1) lies at its tap 2 - i.
        pixel = lone_pixel(4, 1, 1)
        outputs = run_numbered(lambda: convolution(tf.constant(pixel), 1, 1, operations))
        assert outputs == [[11, 10, 9], [7, 6, 5], [3, 2, 1]]


class TestOpenBatch:
    """As exports have it, which are built of TensorFlow's own operations."""

    @pytest.mark.parametrize(("filters", "stride"), [(1, 1), (3, 1), (3, 2)])
    def test_batch_size_may_be_left_open(self, known_network, pictures, filters, stride):
        x = pictures(3, 6, 8, 2)

        def build():
            inputs = tf.placeholder(tf.float32, [None, 6, 8, 2])
            return inputs, convolution(inputs, filters, stride)

        with known_network(build) as (session, (inputs, outputs), weights):
            values = session.run(outputs, {inputs: x})
        wanted = convolved(x, weights["kernel"], weights["bias"], stride)
        np.testing.assert_allclose(values, wanted, **CLOSE)


class TestTransposedConvolution:
    @pytest.mark.parametrize("shape", [(2, 3, 4, 2), (1, 1, 1, 3)])
    @pytest.mark.parametrize("open_batch", [False, True])
    def test_values(self, known_network, pictures, shape, open_batch):
        x = pictures(*shape)

        def build():
            inputs = tf.placeholder(tf.float32, [None if open_batch else shape[0], *shape[1:]])
            return inputs, transposed_convolution(inputs, 3)

        with known_network(build) as (session, (inputs, outputs), weights):
            values = session.run(outputs, {inputs: x})
        wanted = transposed(x, weights["kernel"], weights["bias"])
        assert outputs.shape.as_list()[1:] == [2 * shape[1], 2 * shape[2], 3]
        np.testing.assert_allclose(values, wanted, **CLOSE)

    @both_ways
    # As above: few channels; a kernel that is large beside the picture, and one that is not.
    @pytest.mark.parametrize("shape", [(2, 3, 4, 2), (2, 1, 1, 20), (1, 2, 3, 20), (1, 3, 4, 2)])
    @pytest.mark.parametrize("filters", [3, 17])
    def test_values_and_gradients(self, known_network, pictures, operations, shape, filters):
        x = pictures(*shape)
        outputs, gradient, gradients, weights = values_and_gradients(
            known_network, pictures, x, lambda x: transposed_convolution(x, filters, operations)
        )
        kernel, bias = weights["kernel"], weights["bias"]
        np.testing.assert_allclose(outputs, transposed(x, kernel, bias), **CLOSE)
        wanted = transposed_gradients(x, kernel, gradient)
        for one, wanted_one in zip(gradients, wanted):
            np.testing.assert_allclose(one, wanted_one, **CLOSE)

    def test_one_line_is_cut_on_each_side(self):
        # The pixel (i, j) of the input reaches rows 2i - 1 to 2i + 2 and columns likewise.
        def outputs_at(row, column):
            pixel = lone_pixel(2, row, column)
            return run_numbered(lambda: transposed_convolution(tf.constant(pixel), 1))

        assert outputs_at(0, 0) == [[6, 7, 8, 0], [10, 11, 12, 0], [14, 15, 16, 0], [0, 0, 0, 0]]
        assert outputs_at(1, 1) == [[0, 0, 0, 0], [0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11]]


class TestBatchNorm:
    def run(self, known_network, x, statistics):
        with known_network(lambda: batch_norm(tf.constant(x), statistics)) as opened:
            session, outputs, weights = opened
            return session.run(outputs), weights

    def normalised(self, x, weights, axes):
        x = np.asarray(x, np.float64)
        mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-5) * weights["gamma"] + weights["beta"]

    # The deviations of the last are about the root of epsilon: another epsilon shows.
    @pytest.mark.parametrize("scale", [1.0, 30.0, 0.005])
    @pytest.mark.parametrize(("statistics", "axes"), [(BATCH, (0, 1, 2)), (IMAGE, (1, 2))])
    def test_values(self, known_network, pictures, scale, statistics, axes):
        x = scale * (pictures(3, 4, 5, 2) + np.float32([0.5, -0.2]))
        values, weights = self.run(known_network, x, statistics)
        # TensorFlow's fused norm takes no epsilon below 1.001e-5, hence no closer.
        np.testing.assert_allclose(values, self.normalised(x, weights, axes), atol=1e-3)

    def test_with_one_picture_both_statistics_are_the_same(self, known_network, pictures):
        x = pictures(1, 4, 5, 2)
        batch, image = (self.run(known_network, x, one)[0] for one in (BATCH, IMAGE))
        np.testing.assert_allclose(batch, image, rtol=1e-4, atol=1e-5)

    def test_with_several_they_are_not(self, known_network, pictures):
        x = pictures(2, 4, 5, 2) * np.float32([1.0, 3.0]).reshape(2, 1, 1, 1)
        batch, image = (self.run(known_network, x, one)[0] for one in (BATCH, IMAGE))
        assert np.max(np.abs(batch - image)) > 0.1

    def test_no_moving_averages_are_kept(self, known_network, pictures):
        def build():
            batch_norm(tf.constant(pictures(2, 4, 5, 2)), BATCH)
            return [variable.op.name for variable in tf.global_variables()]

        with known_network(build) as (_, names, _):
            assert sorted(names) == ["beta", "gamma"]
            assert tf.get_collection(tf.GraphKeys.UPDATE_OPS) == []


def test_leaky_relu_has_a_slope_of_a_fifth_below_zero(evaluate):
    values = evaluate(lambda: leaky_relu(tf.constant([-10.0, -1.0, 0.0, 1.0, 10.0])))
    np.testing.assert_allclose(values, [-2.0, -0.2, 0.0, 1.0, 10.0], rtol=1e-6)


class TestInitialValues:
    @pytest.fixture(scope="class")
    def values(self, evaluate):
        """The first values of a layer of 64 to 100 filters, and of a batch norm of these."""

        def build():
            tf.set_random_seed(1)
            x = tf.zeros([1, 4, 4, 64])
            with tf.variable_scope("", initializer=weight_initializer(NetworkConfig())):
                with tf.variable_scope("wide"):
                    batch_norm(convolution(x, 100, 2), BATCH)
                with tf.variable_scope("transposed"):
                    transposed_convolution(x, 100)
                with tf.variable_scope("one"):
                    convolution(x, 1, 1)
            return {variable.op.name: variable.read_value() for variable in tf.global_variables()}

        return evaluate(build)

    # The deviation of n numbers is known to 1 / sqrt(2 n): here to 0.2, 0.2, 2 and 7 %.
    @pytest.mark.parametrize(
        ("name", "mean", "tolerance"),
        [
            ("wide/kernel", 0.0, 0.02),
            ("transposed/kernel", 0.0, 0.02),
            ("one/kernel", 0.0, 0.1),
            ("wide/gamma", 1.0, 0.3),
        ],
    )
    def test_kernels_and_gammas_are_normal_with_a_deviation_of_0_02(
        self, values, name, mean, tolerance
    ):
        assert np.std(values[name]) == pytest.approx(0.02, rel=tolerance)
        assert np.mean(values[name]) == pytest.approx(mean, abs=0.01)
        # Not cut off at two deviations: 5 % lie beyond.
        beyond = np.mean(np.abs(values[name] - mean) > 0.04)
        assert 0.01 < beyond < 0.12

    def test_biases_and_betas_are_zero(self, values):
        for name in ("wide/bias", "wide/beta", "transposed/bias", "one/bias"):
            assert not values[name].any()
