import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig
from model_fn.networks.patch import discriminator

# The paper's 70x70 PatchGAN (section 6.1.2). Name, operations in order, kernel, stride, output.
GOLDEN_LAYERS = [
    ("layer_1", "convolution leaky_relu", (4, 4, 6, 64), 2, (128, 128, 64)),
    ("layer_2", "convolution norm leaky_relu", (4, 4, 64, 128), 2, (64, 64, 128)),
    ("layer_3", "convolution norm leaky_relu", (4, 4, 128, 256), 2, (32, 32, 256)),
    ("layer_4", "convolution norm leaky_relu", (4, 4, 256, 512), 1, (31, 31, 512)),
    ("layer_5", "convolution", (4, 4, 512, 1), 1, (30, 30, 1)),
]


class TestGoldenGraph:
    """At 256x256 with 3 channels each and 64 filters; built, not run."""

    @pytest.fixture(scope="class")
    def logits(self):
        with tf.Graph().as_default():
            x, y = (tf.placeholder(tf.float32, [1, 256, 256, 3]) for _ in range(2))
            return discriminator(x, y, NetworkConfig())[0].logits

    def test_layers(self, logits, layer_table):
        assert layer_table(logits.graph, "discriminator") == GOLDEN_LAYERS

    def test_logits_are_a_map_of_30x30_without_an_activation(self, logits):
        assert logits.shape.as_list() == [1, 30, 30, 1]
        assert logits.op.type == "BiasAdd"
        assert logits.op.name.startswith("discriminator/layer_5/")

    def test_number_of_parameters(self, logits):
        variables = logits.graph.get_collection("trainable_variables")
        assert sum(variable.shape.num_elements() for variable in variables) == 2_769_601

    def test_each_layer_has_a_bias_and_each_norm_gamma_and_beta(self, logits):
        variables = logits.graph.get_collection("trainable_variables")
        wanted = set()
        for name, operations, *_ in GOLDEN_LAYERS:
            kinds = ["kernel", "bias"] + (["gamma", "beta"] if "norm" in operations else [])
            wanted |= {f"discriminator/{name}/{kind}" for kind in kinds}
        assert {variable.op.name for variable in variables} == wanted
        assert logits.graph.get_collection("variables") == variables


class TestValues:
    def build(self, network, x, y):
        x, y = tf.constant(x), tf.constant(y)
        logits = discriminator(x, y, network)[0].logits
        return logits, tf.gradients(tf.reduce_sum(logits**2), [x, y, *tf.trainable_variables()])

    @pytest.fixture
    def pair(self, pictures):
        return pictures(2, 64, 96, 1, seed=1), pictures(2, 64, 96, 3, seed=2)

    def test_values_and_gradients_are_those_of_the_same_network_in_float64(
        self, known_network, evaluate, reference, network, pair
    ):
        with known_network(lambda: self.build(network, *pair)) as (session, tensors, weights):
            logits, gradients = session.run(tensors)

        def build_wanted():
            constants = {name: tf.constant(value) for name, value in weights.items()}
            x, y = (tf.constant(one, tf.float64) for one in pair)
            wanted = reference.discriminator(constants, x, y)
            towards = [x, y, *constants.values()]
            return wanted, tf.gradients(tf.reduce_sum(wanted**2), towards)

        wanted, wanted_gradients = evaluate(build_wanted)
        assert logits.dtype == np.float32
        assert logits.shape == (2, 6, 10, 1)
        np.testing.assert_allclose(logits, wanted, rtol=1e-3, atol=1e-4)
        assert len(gradients) == len(wanted_gradients) == 2 + len(weights)
        for one, wanted_one in zip(gradients, wanted_gradients):
            # A bias before a norm has no gradient but for rounding.
            scale = max(np.max(np.abs(wanted_one)), 1.0)
            np.testing.assert_allclose(one / scale, wanted_one / scale, atol=1e-3)

    def test_a_second_call_uses_the_same_variables(self, network, pair):
        with tf.Graph().as_default():
            self.build(network, *pair)
            before = tf.trainable_variables()
            self.build(network, *pair)
            assert tf.trainable_variables() == before


class TestReceptiveField:
    """A logit sees rows 8i - 23 to 8i + 46, that is 70, and columns likewise.

    A layer's output i sees the rows from stride i - 1 to stride i + 2 of its input. Backwards from
    a logit i these are i - 1 .. i + 2, i - 2 .. i + 4, 2i - 5 .. 2i + 10, 4i - 11 .. 4i + 22 and
    8i - 23 .. 8i + 46.
    """

    SIDE, LOGITS = 128, 14

    @pytest.fixture(scope="class")
    def seen(self):
        """Lights up one row, or column, after the other; tells which logits change for which."""
        side = self.SIDE
        network = NetworkConfig(side, side, 1, 1, discriminator_filters=1)
        lines = np.zeros([side, side, side, 1], np.float32)
        lines[np.arange(side), np.arange(side)] = 1.0
        dark = np.zeros([1, side, side, 1], np.float32)
        changes = {}
        with pytest.MonkeyPatch.context() as patch, tf.Graph().as_default():
            # Batch norm's statistics reach across the picture: they are left out.
            patch.setattr("model_fn.networks.patch.normalise", lambda x, norm, statistics: x)
            x, y = (tf.placeholder(tf.float32, [None, side, side, 1]) for _ in range(2))
            logits = discriminator(x, y, network)[0].logits[..., 0]
            with tf.Session() as session:
                # All weights positive: nothing can cancel out.
                for variable in tf.trainable_variables():
                    fill = 0.0 if variable.op.name.endswith("bias") else 1.0
                    variable.load(np.full(variable.shape.as_list(), fill), session)
                without = session.run(logits, {x: dark, y: dark})
                for place, lit in [("rows", lines), ("columns", lines.transpose(0, 2, 1, 3))]:
                    unlit = np.zeros_like(lit)
                    changes[place, True] = session.run(logits, {x: lit, y: unlit}) != without
                    changes[place, False] = session.run(logits, {x: unlit, y: lit}) != without
        return changes

    @pytest.mark.parametrize("of_input", [True, False])
    @pytest.mark.parametrize("place", ["rows", "columns"])
    def test_a_logit_changes_with_the_70_lines_it_sees_and_no_others(self, seen, place, of_input):
        changed = seen[place, of_input]
        assert changed.shape == (self.SIDE, self.LOGITS, self.LOGITS)
        for number in range(self.LOGITS):
            logits = changed[:, number, :] if place == "rows" else changed[:, :, number]
            wanted = [8 * number - 23 <= line <= 8 * number + 46 for line in range(self.SIDE)]
            assert (logits == np.reshape(wanted, [-1, 1])).all()
        # Not cut off by the edge.
        assert changed[:, 7, 7].sum() == 70
