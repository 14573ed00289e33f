"""Networks of residual blocks against the same in numpy, in float64."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig


class Residual:
    """Johnson et al. 2016 as junyanz and pix2pixHD have it, part by part.

    Args:
        layers: `Float64`.
        resized: Whether sides are doubled by repeating pixels.
    """

    def __init__(self, layers, resized=False):
        self._layers = layers
        self._resized = resized

    def stem(self, scope, x):
        x = self._layers.convolved(f"{scope}/stem", x, around=3, mode="reflect")
        return np.maximum(self._layers.normalised(f"{scope}/stem", x), 0)

    def down(self, scope, x):
        x = self._layers.convolved(scope, x, around=1, stride=2)
        return np.maximum(self._layers.normalised(scope, x), 0)

    def block(self, scope, x):
        y = self._layers.convolved(f"{scope}/first", x, around=1, mode="reflect")
        y = np.maximum(self._layers.normalised(f"{scope}/first", y), 0)
        y = self._layers.convolved(f"{scope}/second", y, around=1, mode="reflect")
        return x + self._layers.normalised(f"{scope}/second", y)

    def up(self, scope, x):
        if self._resized:
            x = self._layers.convolved(scope, self._layers.repeated(x), around=1)
        else:
            x = self._layers.transposed(scope, x)
        return np.maximum(self._layers.normalised(scope, x), 0)

    def head(self, scope, x):
        return np.tanh(self._layers.convolved(f"{scope}/head", x, around=3, mode="reflect"))

    def trunk(self, scope, x, halvings, blocks):
        x = self.stem(scope, x)
        for number in range(1, halvings + 1):
            x = self.down(f"{scope}/down_{number}", x)
        for number in range(1, blocks + 1):
            x = self.block(f"{scope}/block_{number}", x)
        for number in range(1, halvings + 1):
            x = self.up(f"{scope}/up_{number}", x)
        return x


@pytest.fixture
def check(known_network, build_generator, float64, pictures):
    """Compares a generator with what `wanted` makes of (`Residual`, x in float64)."""

    def compare(network, wanted, norm, deviation=0.1):
        x = pictures(2, network.height, network.width, network.input_channels)
        build = lambda: build_generator(network, x, "image")  # noqa: E731
        with known_network(build, deviation) as (session, output, weights):
            values = session.run(output)
        parts = Residual(float64(weights, norm), network.upsampling == "resize")
        picture = wanted(parts, np.float64(x))
        # Not at the ends of tanh, where all is the same.
        assert np.std(picture) > 0.1
        assert np.mean(np.abs(picture) < 0.9) > 0.2
        # Instance norm of the few pixels in the middle makes more of rounding.
        np.testing.assert_allclose(values, picture, atol=1e-3)

    return compare


@pytest.mark.parametrize(
    ("name", "norm", "axes", "deviation", "upsampling"),
    [
        ("resnet_6", "instance", (1, 2), 0.2, "resize"),
        ("resnet_9", "batch", (1, 2), 0.2, "transposed"),
        ("resnet_9", "batch", (1, 2), 0.2, "resize"),
        ("resnet_9", "instance", (1, 2), 0.2, "transposed"),
        ("resnet_9", "none", None, 0.12, "transposed"),
    ],
)
def test_resnet(check, float64, name, norm, axes, deviation, upsampling):
    network = NetworkConfig(
        16, 16, 1, 3, 2, generator=name, norm=norm, upsampling=upsampling, discriminator="pixel"
    )
    blocks = int(name[-1])

    def wanted(parts, x):
        return parts.head("generator", parts.trunk("generator", x, 2, blocks))

    norm = float64.over(*axes) if axes else None
    check(network, wanted, norm, deviation)


def test_global(check, float64):
    network = NetworkConfig(
        32, 48, 1, 3, 2, generator="global", norm="instance", discriminator="pixel"
    )

    def wanted(parts, x):
        return parts.head("generator", parts.trunk("generator", x, 4, 9))

    check(network, wanted, float64.over(1, 2))


def test_local(check, float64):
    """G1 on half the picture; its features, added to those of the enhancer at half the sides."""
    network = NetworkConfig(64, 64, 1, 3, 1, generator="local", norm="instance")

    def wanted(parts, x):
        coarse = parts.trunk("generator/global", float64.pooled(x), 4, 9)
        fine = parts.down("generator/local/down_1", parts.stem("generator/local", x))
        fine = fine + coarse
        for number in (1, 2, 3):
            fine = parts.block(f"generator/local/block_{number}", fine)
        fine = parts.up("generator/local/up_1", fine)
        return parts.head("generator/local", fine)

    check(network, wanted, float64.over(1, 2))


class TestDropout:
    """junyanz's: 0.5 after the first ReLU of each block; pix2pixHD has none."""

    @pytest.mark.parametrize(
        ("name", "size", "wanted"), [("resnet_6", 16, 6), ("global", 32, 0), ("local", 64, 0)]
    )
    def test_is_in_each_block_with_a_number_of_its_own(self, build_generator, name, size, wanted):
        calls = []

        def note(x, rate, layer_number):
            calls.append((x.op.type, x.op.name.split("/")[1], rate, layer_number))
            return x

        with tf.Graph().as_default():
            build_generator(
                NetworkConfig(size, size, 3, 3, 1, generator=name, discriminator="pixel"),
                dropout=note,
            )
        assert calls == [("Relu", f"block_{n}", 0.5, n) for n in range(1, wanted + 1)]
