"""Numbers of parameters at 256x256, by hand from the papers' lists of layers, or as published."""

import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig


def layer(size, inputs, outputs, norm=False):
    """A convolution's kernel and bias; batch norm's gamma and beta."""
    return size * size * inputs * outputs + outputs + (2 * outputs if norm else 0)


def separable(inputs, outputs, norm=False):
    """A 4x4 kernel to each input channel, a 1x1 mixture of them, a bias; gamma and beta."""
    return 16 * inputs + inputs * outputs + outputs + (2 * outputs if norm else 0)


# The paper's generator (section 6.1.1) as (inputs, outputs, norm): C64-C128-C256-C512-C512-C512-
# C512-C512, the first and, by its erratum, the last without batch norm; then CD512-CD512-CD512-
# C512-C256-C128-C64 and the picture, first without skips, then with.
ENCODER = [
    (3, 64, False),
    (64, 128, True),
    (128, 256, True),
    (256, 512, True),
    (512, 512, True),
    (512, 512, True),
    (512, 512, True),
    (512, 512, False),
]
DECODER = [
    (512, 512, True),
    (512, 512, True),
    (512, 512, True),
    (512, 512, True),
    (512, 256, True),
    (256, 128, True),
    (128, 64, True),
    (64, 3, False),
]
DECODER_WITH_SKIPS = [
    (512, 512, True),
    (1024, 512, True),
    (1024, 512, True),
    (1024, 512, True),
    (1024, 256, True),
    (512, 128, True),
    (256, 64, True),
    (128, 3, False),
]
# Section 6.1.2, on pairs of 3 + 3 channels.
PIXEL = layer(1, 6, 64) + layer(1, 64, 128, norm=True) + layer(1, 128, 1)
PATCH_16 = layer(4, 6, 64) + layer(4, 64, 128, norm=True) + layer(4, 128, 1)
PATCH_70 = 2_769_601
PATCH_286 = (
    layer(4, 6, 64)
    + layer(4, 64, 128, norm=True)
    + layer(4, 128, 256, norm=True)
    + layer(4, 256, 512, norm=True)
    + 2 * layer(4, 512, 512, norm=True)
    + layer(4, 512, 1)
)
# pix2pixHD's local enhancer for 35 labels and edges: G1 without its last layer, which has 64
# filters to the picture; then, of 32 filters, what it adds (Wang et al. 2018, supplement).
GLOBAL_36 = 182_546_755
LOCAL_36 = (
    GLOBAL_36
    - layer(7, 64, 3)
    + layer(7, 36, 32)
    + layer(3, 32, 64)
    + 6 * layer(3, 64, 64)
    + layer(3, 64, 32)
    + layer(7, 32, 3)
)


@pytest.fixture
def count():
    def parameters(build, network):
        with tf.Graph().as_default():
            build(network)
            return sum(one.shape.num_elements() for one in tf.trainable_variables())

    return parameters


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        # As junyanz's program prints them, 11.378 M and 7.838 M, and pix2pixHD's.
        ({"generator": "resnet_9", "norm": "instance"}, 11_378_179),
        ({"generator": "resnet_6", "norm": "instance"}, 7_837_699),
        ({"generator": "global", "norm": "instance", "input_channels": 36}, GLOBAL_36),
        (
            {
                "generator": "local",
                "norm": "instance",
                "input_channels": 36,
                "generator_filters": 32,
            },
            LOCAL_36,
        ),
        ({"generator": "unet"}, sum(layer(4, *one) for one in ENCODER + DECODER_WITH_SKIPS)),
        ({"generator": "encoder_decoder"}, sum(layer(4, *one) for one in ENCODER + DECODER)),
        (
            {"generator": "unet", "separable": True},
            sum(separable(*one) for one in ENCODER + DECODER_WITH_SKIPS),
        ),
        (
            {"generator": "unet", "upsampling": "resize"},
            sum(layer(4, *one) for one in ENCODER)
            + sum(layer(3, *one) for one in DECODER_WITH_SKIPS),
        ),
        # gamma and beta of 512 channels more.
        ({"generator": "unet", "bottleneck_norm": True}, 54_419_459 + 1024),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_generators(count, build_generator, parts, wanted):
    assert count(build_generator, NetworkConfig(**parts)) == wanted


def test_the_sum_by_hand_is_the_published_one():
    assert sum(layer(4, *one) for one in ENCODER + DECODER_WITH_SKIPS) == 54_419_459


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({"discriminator": "pixel"}, PIXEL),
        ({"discriminator": "patch_16"}, PATCH_16),
        ({"discriminator": "patch"}, PATCH_70),
        ({"discriminator": "patch_286"}, PATCH_286),
        ({"discriminator": "multi_scale"}, 2 * PATCH_70),
        ({"discriminator": "multi_scale", "discriminator_scales": 3}, 3 * PATCH_70),
        # Without the input, three channels less for 64 kernels of 4x4.
        ({"discriminator": "patch", "conditional": False}, PATCH_70 - 16 * 3 * 64),
        # gamma and beta of 128, 256 and 512 channels less.
        ({"discriminator": "patch", "norm": "instance"}, PATCH_70 - 2 * 896),
        # The vectors of spectral norm are not trained.
        ({"discriminator": "patch", "spectral_norm": True}, PATCH_70),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_discriminators(count, build_discriminator, parts, wanted):
    assert count(build_discriminator, NetworkConfig(**parts)) == wanted
