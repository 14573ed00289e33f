"""Graphs at 256x256 with 3 channels and 64 filters against lists of layers; built, not run.

A row has the layer's name, operations in order, kernel (of the transposed: height, width, output,
input channels), stride and output.
"""

import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig

# The picture's mirror image around it, above and below and then at the sides.
MIRRORED = "concat concat"
# Johnson et al. 2016 as junyanz's program has it: c7s1-64, d128, d256, nine R256, u128, u64,
# c7s1-3.
RESNET_9 = [
    ("stem", f"{MIRRORED} convolution norm relu", (7, 7, 3, 64), 1, (256, 256, 64)),
    ("down_1", "convolution norm relu", (3, 3, 64, 128), 2, (128, 128, 128)),
    ("down_2", "convolution norm relu", (3, 3, 128, 256), 2, (64, 64, 256)),
    *(
        row
        for number in range(1, 10)
        for row in [
            (
                f"block_{number}/first",
                f"{MIRRORED} convolution norm relu dropout",
                (3, 3, 256, 256),
                1,
                (64, 64, 256),
            ),
            (
                f"block_{number}/second",
                f"{MIRRORED} convolution norm",
                (3, 3, 256, 256),
                1,
                (64, 64, 256),
            ),
        ]
    ),
    ("up_1", "transposed norm relu", (3, 3, 128, 256), 2, (128, 128, 128)),
    ("up_2", "transposed norm relu", (3, 3, 64, 128), 2, (256, 256, 64)),
    ("head", f"{MIRRORED} convolution", (7, 7, 64, 3), 1, (256, 256, 3)),
]
# The paper's encoder-decoder (section 6.1.1), less its batch norm on the bottleneck.
ENCODER_DECODER = [
    ("encoder_1", "convolution", (4, 4, 3, 64), 2, (128, 128, 64)),
    ("encoder_2", "leaky_relu convolution norm", (4, 4, 64, 128), 2, (64, 64, 128)),
    ("encoder_3", "leaky_relu convolution norm", (4, 4, 128, 256), 2, (32, 32, 256)),
    ("encoder_4", "leaky_relu convolution norm", (4, 4, 256, 512), 2, (16, 16, 512)),
    ("encoder_5", "leaky_relu convolution norm", (4, 4, 512, 512), 2, (8, 8, 512)),
    ("encoder_6", "leaky_relu convolution norm", (4, 4, 512, 512), 2, (4, 4, 512)),
    ("encoder_7", "leaky_relu convolution norm", (4, 4, 512, 512), 2, (2, 2, 512)),
    ("encoder_8", "leaky_relu convolution", (4, 4, 512, 512), 2, (1, 1, 512)),
    ("decoder_8", "relu transposed norm dropout", (4, 4, 512, 512), 2, (2, 2, 512)),
    ("decoder_7", "relu transposed norm dropout", (4, 4, 512, 512), 2, (4, 4, 512)),
    ("decoder_6", "relu transposed norm dropout", (4, 4, 512, 512), 2, (8, 8, 512)),
    ("decoder_5", "relu transposed norm", (4, 4, 512, 512), 2, (16, 16, 512)),
    ("decoder_4", "relu transposed norm", (4, 4, 256, 512), 2, (32, 32, 256)),
    ("decoder_3", "relu transposed norm", (4, 4, 128, 256), 2, (64, 64, 128)),
    ("decoder_2", "relu transposed norm", (4, 4, 64, 128), 2, (128, 128, 64)),
    ("decoder_1", "relu transposed", (4, 4, 3, 64), 2, (256, 256, 3)),
]
# The paper's discriminators (section 6.1.2): C64-C128 in 1x1, C64-C128, C64-C128-C256-C512-C512-
# C512, each followed by a convolution to one channel. As with the one of 70x70, the last before
# that has stride 1.
PIXEL = [
    ("layer_1", "convolution leaky_relu", (1, 1, 6, 64), 1, (256, 256, 64)),
    ("layer_2", "convolution norm leaky_relu", (1, 1, 64, 128), 1, (256, 256, 128)),
    ("layer_3", "convolution", (1, 1, 128, 1), 1, (256, 256, 1)),
]
PATCH_16 = [
    ("layer_1", "convolution leaky_relu", (4, 4, 6, 64), 2, (128, 128, 64)),
    ("layer_2", "convolution norm leaky_relu", (4, 4, 64, 128), 1, (127, 127, 128)),
    ("layer_3", "convolution", (4, 4, 128, 1), 1, (126, 126, 1)),
]
PATCH_286 = [
    ("layer_1", "convolution leaky_relu", (4, 4, 6, 64), 2, (128, 128, 64)),
    ("layer_2", "convolution norm leaky_relu", (4, 4, 64, 128), 2, (64, 64, 128)),
    ("layer_3", "convolution norm leaky_relu", (4, 4, 128, 256), 2, (32, 32, 256)),
    ("layer_4", "convolution norm leaky_relu", (4, 4, 256, 512), 2, (16, 16, 512)),
    ("layer_5", "convolution norm leaky_relu", (4, 4, 512, 512), 2, (8, 8, 512)),
    ("layer_6", "convolution norm leaky_relu", (4, 4, 512, 512), 1, (7, 7, 512)),
    ("layer_7", "convolution", (4, 4, 512, 1), 1, (6, 6, 1)),
]


def marked_dropout(x, rate, layer_number):
    assert rate == 0.5
    return tf.identity(x, name="dropout")


@pytest.mark.parametrize(
    ("name", "wanted"), [("resnet_9", RESNET_9), ("encoder_decoder", ENCODER_DECODER)]
)
def test_generators(build_generator, layer_table, name, wanted):
    with tf.Graph().as_default() as graph:
        output = build_generator(NetworkConfig(generator=name), dropout=marked_dropout)
    assert layer_table(graph, "generator") == wanted
    assert output.shape.as_list() == [1, 256, 256, 3]
    assert output.op.type == "Tanh"


@pytest.mark.parametrize(
    ("name", "wanted"), [("pixel", PIXEL), ("patch_16", PATCH_16), ("patch_286", PATCH_286)]
)
def test_discriminators(build_discriminator, layer_table, name, wanted):
    with tf.Graph().as_default() as graph:
        (verdict,) = build_discriminator(NetworkConfig(discriminator=name))
    assert layer_table(graph, "discriminator") == wanted
    assert verdict.logits.op.type == "BiasAdd"
    features = [tuple(one.shape.as_list()[1:]) for one in verdict.features]
    assert features == [output for *_, output in wanted[:-1]]
    assert {one.op.type for one in verdict.features} == {"LeakyRelu"}


def test_scales_are_patch_discriminators_on_pictures_of_half_the_sides(
    build_discriminator, layer_table
):
    network = NetworkConfig(discriminator="multi_scale", discriminator_scales=3)
    with tf.Graph().as_default() as graph:
        verdicts = build_discriminator(network)
    shapes = [verdict.logits.shape.as_list() for verdict in verdicts]
    assert shapes == [[1, 30, 30, 1], [1, 14, 14, 1], [1, 6, 6, 1]]
    rows = [row[:2] for row in layer_table(graph, "discriminator")]
    assert rows == [
        (f"scale_{scale}/layer_{number}", operations)
        for scale in (1, 2, 3)
        for number, operations in [
            (1, "convolution leaky_relu"),
            (2, "convolution norm leaky_relu"),
            (3, "convolution norm leaky_relu"),
            (4, "convolution norm leaky_relu"),
            (5, "convolution"),
        ]
    ]
