"""What tests of several networks share: layers in float64, numbers of parameters, and light."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn.networks.registry import DISCRIMINATORS, GENERATORS


class Float64:
    """Layers in numpy, by their definitions, with the weights of a network.

    Args:
        weights: Dict of variable name to array.
        norm: Function of pictures for `normalised`; gamma and beta are applied where there are any.
    """

    def __init__(self, weights, norm=None):
        self._weights = weights
        self._norm = norm

    def convolved(self, layer, x, around=0, mode="constant", stride=1):
        """Sums x[s i + row, s j + column] kernel[row, column], after padding on all sides."""
        kernel, bias = self._weights[f"{layer}/kernel"], self._weights[f"{layer}/bias"]
        return self.correlated(self.padded(x, around, around, mode), kernel, stride) + bias

    @staticmethod
    def padded(x, before, after, mode="constant"):
        return np.pad(x, [(0, 0), (before, after), (before, after), (0, 0)], mode=mode)

    @staticmethod
    def correlated(x, kernel, stride=1):
        rows, columns = kernel.shape[:2]
        height, width = x.shape[1] - rows + 1, x.shape[2] - columns + 1
        return sum(
            x[:, row : row + height : stride, column : column + width : stride]
            @ kernel[row, column]
            for row, column in np.ndindex(rows, columns)
        )

    def transposed(self, layer, x):
        """Adds x[i, j] kernel[row, column] to the pixel (2 i - 1 + row, 2 j - 1 + column)."""
        kernel = self._weights[f"{layer}/kernel"]
        batch, height, width, _ = x.shape
        result = np.zeros([batch, 2 * height + 2, 2 * width + 2, kernel.shape[2]])
        for row, column in np.ndindex(*kernel.shape[:2]):
            places = slice(row, row + 2 * height, 2), slice(column, column + 2 * width, 2)
            result[(slice(None), *places)] += x @ kernel[row, column].T
        return result[:, 1:-1, 1:-1] + self._weights[f"{layer}/bias"]

    @staticmethod
    def repeated(x):
        return x.repeat(2, axis=1).repeat(2, axis=2)

    @staticmethod
    def pooled(x):
        return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4

    def normalised(self, layer, x):
        x = x if self._norm is None else self._norm(x)
        gamma, beta = (self._weights.get(f"{layer}/{kind}") for kind in ("gamma", "beta"))
        return x if gamma is None else gamma * x + beta

    @staticmethod
    def leaky_relu(x):
        return np.where(x > 0, x, 0.2 * x)

    @staticmethod
    def over(*axes):
        """Makes a norm: mean 0 and variance 1 over these axes."""

        def norm(x):
            mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
            return (x - mean) / np.sqrt(variance + 1e-5)

        return norm


@pytest.fixture(scope="session")
def float64():
    return Float64


@pytest.fixture(scope="session")
def build_generator():
    """Builds the generator of a network for pictures x, or placeholders of one picture."""

    def build(network, x=None, statistics="batch", dropout=None):
        if x is None:
            shape = [1, network.height, network.width, network.input_channels]
            x = tf.placeholder(tf.float32, shape)
        family = GENERATORS[network.generator]
        return family.build(tf.convert_to_tensor(x), network, statistics, dropout)

    return build


@pytest.fixture(scope="session")
def build_discriminator():
    """Builds the discriminator of a network, likewise."""

    def build(network, x=None, y=None):
        if x is None:
            sides = [1, network.height, network.width]
            x = tf.placeholder(tf.float32, [*sides, network.input_channels])
            y = tf.placeholder(tf.float32, [*sides, network.output_channels])
        family = DISCRIMINATORS[network.discriminator]
        return family.build(tf.convert_to_tensor(x), tf.convert_to_tensor(y), network)

    return build


@pytest.fixture(scope="session")
def seen_lines(build_discriminator):
    """Lights up one row, or column, of x or y after the other; tells which logits change."""

    def find(network, place, of_input, scale=0):
        """Returns bool [line, rows of logits, columns of logits]."""
        sides = network.height, network.width
        lines = np.arange(sides[0] if place == "rows" else sides[1])
        lit = np.zeros([len(lines), *sides, 1], np.float32)
        if place == "rows":
            lit[lines, lines] = 1.0
        else:
            lit[lines, :, lines] = 1.0
        dark = np.zeros_like(lit)
        with tf.Graph().as_default(), tf.Session() as session:
            x, y = (tf.placeholder(tf.float32, [None, *sides, 1]) for _ in range(2))
            logits = build_discriminator(network, x, y)[scale].logits[..., 0]
            # All weights positive: nothing can cancel out.
            for variable in tf.trainable_variables():
                fill = 0.0 if variable.op.name.endswith("bias") else 1.0
                variable.load(np.full(variable.shape.as_list(), fill), session)
            without = session.run(logits, {x: dark[:1], y: dark[:1]})
            feed = {x: lit, y: dark} if of_input else {x: dark, y: lit}
            return session.run(logits, feed) != without

    return find
