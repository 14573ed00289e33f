"""Small networks with known weights, a device that does as told, and both networks written anew."""

import contextlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from input_fn import PairFormat, Presentation
from model_fn import PLAIN, NetworkConfig

tf.disable_eager_execution()
tf.enable_resource_variables()
tf.logging.set_verbosity(tf.logging.ERROR)

_ONE_PIXEL = [[0, 0], [1, 1], [1, 1], [0, 0]]
_OPERATIONS = {
    "ConcatV2": "concat",
    "Conv2D": "convolution",
    "Conv2DBackpropInput": "transposed",
    "FusedBatchNormV3": "norm",
    "LeakyRelu": "leaky_relu",
    "Relu": "relu",
}


class Device:
    """A device that drops nothing unless told to, and can hold a network's weights still.

    Args:
        dropout: Function of (x, rate, seed, step).
        operations: `Operations`.

    Attributes:
        wrapped: Names of the networks whose optimizers were wrapped, in order.
        dropouts: (rate, seed, step) of each dropout, in order.
        gradient_scales: Dict of network to what its gradients are multiplied by, 1 unless fed.
        summaries: What `training_spec` was given.
    """

    session_writes_summaries = True

    def __init__(self, dropout=None, operations=PLAIN):
        self.operations = operations
        self.summaries = None
        self._dropout = dropout
        self.wrapped = []
        self.dropouts = []
        self.gradient_scales = {}

    def wrap_optimizer(self, optimizer, name):
        self.wrapped.append(name)
        self.gradient_scales[name] = tf.placeholder_with_default(np.float32(1.0), [])
        return _ScaledGradients(optimizer, self.gradient_scales[name])

    def scaling_state(self, name):
        return {}

    def training_spec(self, summaries, **fields):
        self.summaries = summaries
        return tf.estimator.EstimatorSpec(**fields)

    def dropout(self, x, rate, seed, step):
        self.dropouts.append((rate, seed, step))
        if self._dropout is None:
            return tf.identity(x, name="dropout")
        return self._dropout(x, rate, seed, step)


class _ScaledGradients:
    """With gradients of zero, Adam's first step is zero."""

    def __init__(self, optimizer, scale):
        self._optimizer = optimizer
        self._scale = scale

    def compute_gradients(self, loss, var_list):
        return self._optimizer.compute_gradients(loss, var_list=var_list)

    def apply_gradients(self, gradients, global_step):
        scaled = [(self._scale * gradient, variable) for gradient, variable in gradients]
        return self._optimizer.apply_gradients(scaled, global_step=global_step)


class Reference:
    """Both networks in float64, with Torch's paddings and batch norm spelled out.

    Weights are a dict of variable name to float64 array or tensor.
    """

    def discriminator(self, weights, x, y):
        x = tf.concat([x, y], axis=-1)
        for number, stride in [(1, 2), (2, 2), (3, 2), (4, 1), (5, 1)]:
            layer = f"discriminator/layer_{number}"
            x = self._convolution(weights, layer, x, stride)
            if number in (2, 3, 4):
                x = self._norm(weights, layer, x, axes=[0, 1, 2])
            if number < 5:
                x = tf.maximum(x, 0.2 * x)
        return x

    def generator(self, weights, x, depth, axes):
        """axes are those over which batch norm takes its statistics."""
        encoded = {}
        for number in range(1, depth + 1):
            layer = f"generator/encoder_{number}"
            x = x if number == 1 else tf.maximum(x, 0.2 * x)
            x = self._convolution(weights, layer, x, stride=2)
            if 1 < number < depth:
                x = self._norm(weights, layer, x, axes)
            encoded[number] = x
        for number in range(depth, 0, -1):
            layer = f"generator/decoder_{number}"
            if number < depth:
                x = tf.concat([x, encoded[number]], axis=-1)
            x = self._transposed(weights, layer, tf.nn.relu(x))
            if number > 1:
                x = self._norm(weights, layer, x, axes)
        return tf.tanh(x)

    def _convolution(self, weights, layer, x, stride):
        strides = [1, stride, stride, 1]
        x = tf.nn.conv2d(tf.pad(x, _ONE_PIXEL), weights[f"{layer}/kernel"], strides, "VALID")
        return x + weights[f"{layer}/bias"]

    def _transposed(self, weights, layer, x):
        kernel = weights[f"{layer}/kernel"]
        batch, height, width, _ = x.shape.as_list()
        shape = [batch, 2 * height + 2, 2 * width + 2, int(kernel.shape[2])]
        x = tf.nn.conv2d_transpose(x, kernel, shape, strides=[1, 2, 2, 1], padding="VALID")
        return x[:, 1:-1, 1:-1] + weights[f"{layer}/bias"]

    def _norm(self, weights, layer, x, axes):
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        x = (x - mean) / tf.sqrt(variance + 1e-5)
        return x * weights[f"{layer}/gamma"] + weights[f"{layer}/beta"]


@pytest.fixture(scope="session")
def make_device():
    return Device


@pytest.fixture(scope="session")
def reference():
    return Reference()


@pytest.fixture(scope="session")
def network():
    """The smallest pictures that work, with numbers of channels and filters that all differ."""
    return NetworkConfig(
        height=32,
        width=32,
        input_channels=1,
        output_channels=3,
        generator_filters=4,
        discriminator_filters=5,
    )


@pytest.fixture(scope="session")
def seeded_dropout():
    """Noise that follows from the seed and the step, as devices are to give it."""

    def dropout(x, rate, seed, step):
        seeds = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])
        kept = tf.random.stateless_uniform(x.shape.as_list(), seed=seeds) >= rate
        return x * tf.cast(kept, tf.float32) / (1.0 - rate)

    return dropout


@pytest.fixture(scope="session")
def pictures():
    """Makes float32 pictures of noise in [-1, 1]."""

    def make(*shape, seed=0):
        return np.random.RandomState(seed).uniform(-1, 1, shape).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def evaluate():
    """Returns the values of the tensors that `build` makes in a graph of its own."""

    def run(build):
        with tf.Graph().as_default(), tf.Session() as session:
            tensors = build()
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            return session.run(tensors)

    return run


@pytest.fixture(scope="session")
def load_weights():
    """Gives all trainable variables values that none of them starts with; returns these."""

    def load(session, deviation=0.2):
        random = np.random.RandomState(0)
        values, feeds = {}, {}
        for variable in tf.trainable_variables():
            mean = 1.0 if variable.op.name.endswith("gamma") else 0.0
            value = random.normal(mean, deviation, variable.shape.as_list()).astype(np.float32)
            feeds[variable.initializer.inputs[1]] = value
            values[variable.op.name] = value.astype(np.float64)
        session.run([variable.initializer for variable in tf.trainable_variables()], feeds)
        return values

    return load


@pytest.fixture(scope="session")
def known_network(load_weights):
    """Opens a session on what `build` makes in a graph of its own, with known weights."""

    @contextlib.contextmanager
    def open_session(build, deviation=0.2):
        with tf.Graph().as_default(), tf.Session() as session:
            tensors = build()
            session.run(tf.global_variables_initializer())
            yield session, tensors, load_weights(session, deviation)

    return open_session


@pytest.fixture(scope="session")
def layer_table():
    """Lists the layers of a scope of a graph, as they were built.

    A row has the layer's name, its operations, its kernel's shape, its last convolution's stride
    and the height, width and channels of what it puts out.
    """

    def list_layers(graph, scope):
        kernels = {
            variable.op.name[len(scope) + 1 : -len("/kernel")]: tuple(variable.shape.as_list())
            for variable in graph.get_collection("trainable_variables")
            if variable.op.name.startswith(scope) and variable.op.name.endswith("/kernel")
        }
        layers = {layer: [] for layer in kernels}
        for operation in graph.get_operations():
            name = operation.name
            if operation.type in _OPERATIONS or name.endswith("/dropout"):
                for layer, operations in layers.items():
                    if name.startswith(f"{scope}/{layer}/"):
                        operations.append(operation)
        return [
            (
                layer,
                " ".join(_OPERATIONS.get(one.type, "dropout") for one in operations),
                kernels[layer],
                [one for one in operations if "Conv" in one.type][-1].get_attr("strides")[1],
                tuple(operations[-1].outputs[0].shape.as_list()[1:]),
            )
            for layer, operations in layers.items()
        ]

    return list_layers


@pytest.fixture(scope="session")
def presentation():
    """How pictures are shown: as they are."""
    return Presentation(PairFormat("AtoB", 1, 3, load_size=(32, 32), fine_size=(32, 32)))
