"""Encoder-decoder, U-Nets with other parts and other discriminators against numpy, in float64."""

import numpy as np
import pytest

from model_fn import NetworkConfig


def decoded(layers, x, depth, skips=False, **has):
    """The paper's generator, outermost layers 1; `has` says what its norms are on."""
    encoded = {}
    for number in range(1, depth + 1):
        layer = f"generator/encoder_{number}"
        x = x if number == 1 else layers.leaky_relu(x)
        x = layers.convolved(layer, x, around=1, stride=2)
        if 1 < number < depth or (number == depth and has.get("bottleneck_norm")):
            x = layers.normalised(layer, x)
        encoded[number] = x
    for number in range(depth, 0, -1):
        layer = f"generator/decoder_{number}"
        if skips and number < depth:
            x = np.concatenate([x, encoded[number]], axis=-1)
        x = np.maximum(x, 0)
        if has.get("resized"):
            x = layers.convolved(layer, layers.repeated(x), around=1)
        else:
            x = layers.transposed(layer, x)
        x = layers.normalised(layer, x) if number > 1 else x
    return np.tanh(x)


def judged(layers, scope, x, halvings):
    """A PatchGAN with so many layers of stride 2; returns logits and features."""
    features = []
    for number in range(1, halvings + 3):
        layer = f"{scope}/layer_{number}"
        stride = 2 if number <= halvings else 1
        x = layers.convolved(layer, x, around=1, stride=stride)
        x = layers.normalised(layer, x) if 1 < number < halvings + 2 else x
        x = layers.leaky_relu(x) if number < halvings + 2 else x
        features.append(x)
    return features.pop(), features


@pytest.fixture
def translated(known_network, build_generator, pictures):
    """Returns a generator's picture, the input in float64 and the weights."""

    def run(network, statistics):
        x = pictures(2, network.height, network.width, network.input_channels)
        build = lambda: build_generator(network, x, statistics)  # noqa: E731
        with known_network(build) as (session, output, weights):
            return session.run(output), np.float64(x), weights

    return run


@pytest.fixture
def verdicts(known_network, build_discriminator, pictures):
    """Returns (logits, features) of each scale, the pair in float64 and the weights."""

    def run(network):
        x, y = pictures(2, 32, 48, 1, seed=1), pictures(2, 32, 48, 3, seed=2)
        build = lambda: [tuple(one) for one in build_discriminator(network, x, y)]  # noqa: E731
        with known_network(build) as (session, tensors, weights):
            pair = [np.float64(x), np.float64(y)] if network.conditional else [np.float64(y)]
            return session.run(tensors), np.concatenate(pair, -1), weights

    return run


def assert_close(values, wanted):
    assert np.std(wanted) > 0.1
    np.testing.assert_allclose(values, wanted, atol=1e-3)


class TestGenerators:
    @pytest.mark.parametrize(
        ("norm", "statistics", "axes"),
        [
            ("batch", "batch", (0, 1, 2)),
            ("batch", "image", (1, 2)),
            ("instance", "batch", (1, 2)),
            ("none", "batch", None),
        ],
    )
    def test_encoder_decoder(self, translated, float64, norm, statistics, axes):
        network = NetworkConfig(32, 32, 1, 3, 4, generator="encoder_decoder", norm=norm)
        values, x, weights = translated(network, statistics)
        layers = float64(weights, float64.over(*axes) if axes else None)
        assert_close(values, decoded(layers, x, depth=5))

    def test_unet_of_a_depth_that_was_asked_for(self, translated, float64):
        network = NetworkConfig(24, 40, 1, 3, 4, unet_depth=3, norm="instance")
        values, x, weights = translated(network, "batch")
        layers = float64(weights, float64.over(1, 2))
        assert_close(values, decoded(layers, x, depth=3, skips=True))

    @pytest.mark.parametrize("has", ["resized", "bottleneck_norm"])
    def test_unet_with_other_parts(self, translated, float64, has):
        parts = {"resized": {"upsampling": "resize"}, "bottleneck_norm": {"bottleneck_norm": True}}
        values, x, weights = translated(NetworkConfig(32, 64, 1, 3, 4, **parts[has]), "image")
        layers = float64(weights, float64.over(1, 2))
        assert_close(values, decoded(layers, x, depth=5, skips=True, **{has: True}))


class TestDiscriminators:
    def check(self, verdict, wanted):
        """Both are (logits, features)."""
        for one, wanted_one in zip([verdict[0], *verdict[1]], [wanted[0], *wanted[1]]):
            assert_close(one, wanted_one)
        assert len(verdict[1]) == len(wanted[1])

    def test_pixel(self, verdicts, float64):
        network = NetworkConfig(32, 48, 1, 3, 4, 5, generator="resnet_6", discriminator="pixel")
        ((logits, features),), pair, weights = verdicts(network)
        layers = float64(weights, float64.over(0, 1, 2))
        first = layers.leaky_relu(layers.convolved("discriminator/layer_1", pair))
        second = layers.convolved("discriminator/layer_2", first)
        second = layers.leaky_relu(layers.normalised("discriminator/layer_2", second))
        wanted = layers.convolved("discriminator/layer_3", second)
        assert logits.shape == (2, 32, 48, 1)
        self.check((logits, features), (wanted, [first, second]))

    @pytest.mark.parametrize(
        ("parts", "halvings"),
        [
            ({"discriminator": "patch_16"}, 1),
            ({"discriminator_layers": 2, "norm": "instance"}, 2),
            ({"discriminator_layers": 3, "norm": "none"}, 3),
            ({"discriminator_layers": 2, "conditional": False}, 2),
        ],
    )
    def test_patch(self, verdicts, float64, parts, halvings):
        network = NetworkConfig(32, 48, 1, 3, 4, 5, generator="resnet_6", **parts)
        (verdict,), pair, weights = verdicts(network)
        axes = {"batch": (0, 1, 2), "instance": (1, 2), "none": None}[network.norm]
        layers = float64(weights, float64.over(*axes) if axes else None)
        self.check(verdict, judged(layers, "discriminator", pair, halvings))

    def test_multi_scale(self, verdicts, float64):
        network = NetworkConfig(
            32,
            48,
            1,
            3,
            4,
            5,
            generator="resnet_6",
            norm="instance",
            discriminator="multi_scale",
            discriminator_layers=1,
            discriminator_scales=3,
        )
        found, pair, weights = verdicts(network)
        layers = float64(weights, float64.over(1, 2))
        assert len(found) == 3
        for number, verdict in enumerate(found, 1):
            self.check(verdict, judged(layers, f"discriminator/scale_{number}", pair, 1))
            pair = float64.pooled(pair)
