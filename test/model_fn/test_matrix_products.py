"""A training step by matrix products against the same step by TensorFlow's own convolutions."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import (
    BY_PRODUCTS,
    BY_PRODUCTS_IN_BFLOAT16,
    PLAIN,
    NetworkConfig,
    ObjectiveConfig,
    recorded,
)
from model_fn.matrix_products import convolve_by_products
from model_fn.networks.layers import leaky_relu
from model_fn.step import build_training_step

# So many filters that layers of all kinds occur: with few and with many channels and pixels.
NETWORK = NetworkConfig(height=64, width=64, generator_filters=8, discriminator_filters=16)


class TestTrainingStep:
    @pytest.fixture(
        scope="class",
        params=[BY_PRODUCTS, BY_PRODUCTS_IN_BFLOAT16],
        ids=["for float32", "for bfloat16"],
    )
    def steps(self, request, make_device, seeded_dropout, pictures, load_weights):
        """Makes three steps; returns the losses of each, and Adam's first moments after the first.

        The moments are half the gradients, since they start at zero and beta1 is 0.5.
        """

        def run(operations):
            device = make_device(dropout=seeded_dropout, operations=operations)
            with tf.Graph().as_default(), tf.Session() as session:
                x, y = (tf.constant(pictures(2, 64, 64, 3, seed=seed)) for seed in (1, 2))
                step = build_training_step(
                    x, y, NETWORK, ObjectiveConfig(), device, tf.train.get_or_create_global_step()
                )
                session.run(tf.global_variables_initializer())
                load_weights(session)
                fetches = [[term.value for term in step.losses], step.train_op]
                losses = [session.run(fetches)[0]]
                moments = session.run(
                    {
                        variable.op.name: variable.read_value()
                        for variable in tf.global_variables()
                        if variable.op.name.endswith("/Adam")
                    }
                )
                losses += [session.run(fetches)[0] for _ in range(2)]
                return np.array(losses), moments

        return run(PLAIN), run(request.param)

    def test_losses_are_the_same(self, steps):
        (plain, _), (by_products, _) = steps
        assert plain.shape == (3, 6)
        assert (np.abs(np.diff(plain, axis=0)) > 1e-3).any()
        np.testing.assert_allclose(by_products, plain, rtol=1e-4)

    def test_gradients_are_the_same(self, steps):
        (_, plain), (_, by_products) = steps
        assert len(plain) == len(by_products) > 40
        for name, wanted in plain.items():
            largest = np.abs(wanted).max()
            # A bias before batch norm has no gradient but for rounding.
            tolerance = max(1e-4 * largest, 1e-5)
            np.testing.assert_allclose(by_products[name], wanted, atol=tolerance, err_msg=name)


class TestRecorded:
    def test_the_factors_of_twice_the_pictures_give_twice_the_gradient(
        self, make_device, seeded_dropout, pictures, load_weights
    ):
        """Of all kernels whose gradients are products; the others have 3 channels, or 1."""
        products = []
        operations = recorded(BY_PRODUCTS, lambda *product: products.append(product))
        device = make_device(dropout=seeded_dropout, operations=operations)
        with tf.Graph().as_default(), tf.Session() as session:
            x, y = (tf.constant(pictures(2, 64, 64, 3, seed=seed)) for seed in (1, 2))
            build_training_step(
                x, y, NETWORK, ObjectiveConfig(), device, tf.train.get_or_create_global_step()
            )
            session.run(tf.global_variables_initializer())
            load_weights(session)
            pairs = session.run(
                [
                    [gradient, multiply(*(tf.concat([each, each], 0) for each in (large, small)))]
                    for gradient, multiply, large, small in products
                ]
            )
        assert len({gradient.shape for gradient, _ in pairs}) == 6
        for gradient, twice in pairs:
            largest = np.abs(gradient).max()
            np.testing.assert_allclose(twice / 2, gradient, rtol=0, atol=1e-5 * largest)


class TestLeakyRelu:
    @pytest.mark.parametrize("operations", [PLAIN, BY_PRODUCTS_IN_BFLOAT16])
    def test_values_and_slopes(self, evaluate, operations):
        values = np.float32([-2.0, -0.5, 0.5, 3.0])

        def build():
            x = tf.constant(values)
            y = leaky_relu(x, operations)
            return y, tf.gradients(y, x, tf.constant(np.float32([1.0, 2.0, 3.0, 4.0])))[0]

        outputs, slopes = evaluate(build)
        np.testing.assert_allclose(outputs, [-0.4, -0.1, 0.5, 3.0], rtol=1e-6)
        np.testing.assert_allclose(slopes, [0.2, 0.4, 3.0, 4.0], rtol=1e-6)


class TestGraph:
    def test_it_holds_no_large_constants(self):
        """Estimator writes the graph into each event file."""
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [4, 128, 128, 64])
            y = convolve_by_products(x, tf.placeholder(tf.float32, [4, 4, 64, 128]), stride=2)
            tf.gradients(y, x)
            assert graph.as_graph_def().ByteSize() < 100_000

    def test_the_kernel_is_read_under_the_control_dependencies_of_its_use(self, evaluate):
        """As the generator's step reads the discriminator's after its update."""

        def build():
            kernel = tf.get_variable(
                "kernel", initializer=tf.ones([4, 4, 16, 2]), use_resource=True
            )
            with tf.control_dependencies([kernel.assign(3.0 * tf.ones([4, 4, 16, 2]))]):
                return convolve_by_products(tf.ones([1, 4, 4, 16]), kernel, stride=2)

        # Of 4x4 pixels, a corner of the output sees 3x3.
        np.testing.assert_allclose(evaluate(build), 3.0 * 9 * 16)
