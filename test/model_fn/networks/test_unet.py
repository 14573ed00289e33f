import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig
from model_fn.networks.unet import unet as generator

# The paper's U-Net (section 6.1.1), less its batch norm on the bottleneck. Name, operations in
# order, kernel (of the transposed: height, width, output, input channels), stride, output.
GOLDEN_LAYERS = [
    ("encoder_1", "convolution", (4, 4, 3, 64), 2, (128, 128, 64)),
    ("encoder_2", "leaky_relu convolution norm", (4, 4, 64, 128), 2, (64, 64, 128)),
    ("encoder_3", "leaky_relu convolution norm", (4, 4, 128, 256), 2, (32, 32, 256)),
    ("encoder_4", "leaky_relu convolution norm", (4, 4, 256, 512), 2, (16, 16, 512)),
    ("encoder_5", "leaky_relu convolution norm", (4, 4, 512, 512), 2, (8, 8, 512)),
    ("encoder_6", "leaky_relu convolution norm", (4, 4, 512, 512), 2, (4, 4, 512)),
    ("encoder_7", "leaky_relu convolution norm", (4, 4, 512, 512), 2, (2, 2, 512)),
    ("encoder_8", "leaky_relu convolution", (4, 4, 512, 512), 2, (1, 1, 512)),
    ("decoder_8", "relu transposed norm dropout", (4, 4, 512, 512), 2, (2, 2, 512)),
    ("decoder_7", "concat relu transposed norm dropout", (4, 4, 512, 1024), 2, (4, 4, 512)),
    ("decoder_6", "concat relu transposed norm dropout", (4, 4, 512, 1024), 2, (8, 8, 512)),
    ("decoder_5", "concat relu transposed norm", (4, 4, 512, 1024), 2, (16, 16, 512)),
    ("decoder_4", "concat relu transposed norm", (4, 4, 256, 1024), 2, (32, 32, 256)),
    ("decoder_3", "concat relu transposed norm", (4, 4, 128, 512), 2, (64, 64, 128)),
    ("decoder_2", "concat relu transposed norm", (4, 4, 64, 256), 2, (128, 128, 64)),
    ("decoder_1", "concat relu transposed", (4, 4, 3, 128), 2, (256, 256, 3)),
]
# A layer of the decoder gets what the one before it put out, then its mirror image's output: that
# of the norm, before the leaky ReLU.
GOLDEN_SKIPS = {
    "decoder_7": ("decoder_8", "encoder_7", "FusedBatchNormV3"),
    "decoder_6": ("decoder_7", "encoder_6", "FusedBatchNormV3"),
    "decoder_5": ("decoder_6", "encoder_5", "FusedBatchNormV3"),
    "decoder_4": ("decoder_5", "encoder_4", "FusedBatchNormV3"),
    "decoder_3": ("decoder_4", "encoder_3", "FusedBatchNormV3"),
    "decoder_2": ("decoder_3", "encoder_2", "FusedBatchNormV3"),
    "decoder_1": ("decoder_2", "encoder_1", "BiasAdd"),
}


def identity_dropout(x, rate, layer_number):
    assert rate == 0.5
    return tf.identity(x, name="dropout")


class TestGoldenGraph:
    """At 256x256 with 3 channels and 64 filters; built, not run."""

    @pytest.fixture(scope="class")
    def output(self):
        with tf.Graph().as_default():
            x = tf.placeholder(tf.float32, [1, 256, 256, 3])
            return generator(x, NetworkConfig(), "batch", identity_dropout)

    def test_layers(self, output, layer_table):
        assert layer_table(output.graph, "generator") == GOLDEN_LAYERS

    def test_skip_connections(self, output):
        skips = {}
        for operation in output.graph.get_operations():
            if operation.type == "ConcatV2":
                before, skip = (tensor.op for tensor in operation.inputs[:2])
                layer, before_layer, skip_layer = (
                    one.name.split("/")[1] for one in (operation, before, skip)
                )
                skips[layer] = (before_layer, skip_layer, skip.type)
        assert skips == GOLDEN_SKIPS

    def test_output_is_the_tanh_of_the_last_layer(self, output):
        assert output.op.type == "Tanh"
        assert output.op.inputs[0].op.name.startswith("generator/decoder_1/")
        assert output.shape.as_list() == [1, 256, 256, 3]

    def test_number_of_parameters(self, output):
        variables = output.graph.get_collection("trainable_variables")
        assert sum(variable.shape.num_elements() for variable in variables) == 54_419_459

    def test_each_layer_has_a_bias_and_each_norm_gamma_and_beta(self, output):
        variables = output.graph.get_collection("trainable_variables")
        wanted = set()
        for name, operations, *_ in GOLDEN_LAYERS:
            kinds = ["kernel", "bias"] + (["gamma", "beta"] if "norm" in operations else [])
            wanted |= {f"generator/{name}/{kind}" for kind in kinds}
        assert {variable.op.name for variable in variables} == wanted
        assert len(variables) == len(wanted)

    def test_all_variables_are_trained(self, output):
        collections = ("trainable_variables", "variables")
        trained, every = (output.graph.get_collection(one) for one in collections)
        assert trained == every


class TestOtherSizes:
    @pytest.mark.parametrize(
        ("height", "width", "filters", "bottleneck"),
        [
            (32, 32, [8, 16, 32, 64, 64], (1, 1, 64)),
            (64, 64, [8, 16, 32, 64, 64, 64], (1, 1, 64)),
            (96, 160, [8, 16, 32, 64, 64], (3, 5, 64)),
            (512, 256, [8, 16, 32, 64, 64, 64, 64, 64], (2, 1, 64)),
        ],
    )
    def test_depth_and_filters_follow(self, layer_table, height, width, filters, bottleneck):
        network = NetworkConfig(
            height=height, width=width, input_channels=1, output_channels=2, generator_filters=8
        )
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [None, height, width, 1])
            output = generator(x, network, "batch", identity_dropout)
        assert output.shape.as_list() == [None, height, width, 2]
        layers, depth = layer_table(graph, "generator"), len(filters)
        encoder, decoder = layers[:depth], layers[depth:]
        assert [kernel[3] for _, _, kernel, _, _ in encoder] == filters
        assert [kernel[2] for _, _, kernel, _, _ in decoder] == [*filters[-2::-1], 2]
        assert encoder[-1][4] == bottleneck
        norms = [name for name, operations, *_ in layers if "norm" not in operations]
        assert norms == ["encoder_1", f"encoder_{depth}", "decoder_1"]
        dropped = [name for name, operations, *_ in layers if "dropout" in operations]
        assert dropped == [f"decoder_{depth}", f"decoder_{depth - 1}", f"decoder_{depth - 2}"]


class TestValues:
    @pytest.mark.parametrize(("statistics", "axes"), [("batch", [0, 1, 2]), ("image", [1, 2])])
    def test_are_those_of_the_same_network_in_float64(
        self, known_network, evaluate, reference, network, pictures, statistics, axes
    ):
        x = pictures(2, 32, 32, 1)
        build = lambda: generator(tf.constant(x), network, statistics)  # noqa: E731
        with known_network(build) as (session, output, weights):
            values = session.run(output)
        wanted = evaluate(lambda: reference.generator(weights, x.astype(np.float64), 5, axes))
        assert values.dtype == np.float32
        assert np.std(wanted) > 0.1
        np.testing.assert_allclose(values, wanted, atol=1e-4)

    def test_dropout_is_numbered_from_the_bottleneck_outwards(self, network, pictures):
        calls = []

        def note(x, rate, layer_number):
            calls.append((x.op.name.split("/")[1], rate, layer_number))
            return x

        with tf.Graph().as_default():
            generator(tf.constant(pictures(2, 32, 32, 1)), network, "batch", note)
        assert calls == [("decoder_5", 0.5, 0), ("decoder_4", 0.5, 1), ("decoder_3", 0.5, 2)]

    def test_a_second_call_uses_the_same_variables(self, network, pictures):
        with tf.Graph().as_default():
            x = tf.constant(pictures(2, 32, 32, 1))
            generator(x, network, "batch")
            before = tf.global_variables()
            generator(x, network, "image")
            assert tf.global_variables() == before
