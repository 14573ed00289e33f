"""The paper's discriminators (section 6.1.2): PatchGANs, which judge a picture patch by patch."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.networks.initialisation import weight_initializer
from model_fn.networks.layers import as_it_is, convolution, leaky_relu, padded_convolution
from model_fn.networks.norms import BATCH, normalise
from model_fn.networks.sizes import SizeError
from model_fn.operations import PLAIN

SCOPE = "discriminator"
_MAXIMUM_WIDENING = 8

Verdict = namedtuple("Verdict", ["logits", "features"])
Verdict.__doc__ = """What a discriminator says at one scale.

Attributes:
    logits: float32 [batch, height, width, 1]; positive is real.
    features: List of the activations of the layers before, the outermost first.
"""

Layer = namedtuple("Layer", ["name", "widening", "stride", "norm", "activation"])
Layer.__doc__ = """One 4x4 convolution, norm, activation. The layer has widening times --ndf
filters; widening None stands for the one channel of logits."""


def patch_layers(halvings):
    """Lists the layers of a PatchGAN.

    Args:
        halvings: Layers of stride 2, at least 1. A logit sees 16, 34, 70, 142 or 286 lines for 1 to
            5 of them; the paper has 1, 3 and 5.

    Returns:
        List of halvings + 2 `Layer`s.
    """
    numbers = range(1, halvings + 2)
    layers = [
        Layer(
            f"layer_{number}",
            min(2 ** (number - 1), _MAXIMUM_WIDENING),
            stride=2 if number <= halvings else 1,
            norm=number > 1,
            activation="leaky_relu",
        )
        for number in numbers
    ]
    return [*layers, Layer(f"layer_{halvings + 2}", None, 1, norm=False, activation=None)]


def patch_with(halvings=None):
    """Makes a PatchGAN.

    Args:
        halvings: Its layers of stride 2; None for `discriminator_layers` of the network.

    Returns:
        Function like `discriminator`.
    """

    def build(x, y, network, operations=PLAIN, constrain=as_it_is):
        with scope(network):
            return [judge(pairs(x, y, network), network, operations, constrain, halvings)]

    return build


discriminator = patch_with()
discriminator.__doc__ = """Judges, patch by patch, whether y is a real translation of x.

Args:
    x: float32 [batch, height, width, input_channels], the input pictures.
    y: float32 [batch, height, width, output_channels], real or fake targets.
    network: `NetworkConfig`.
    operations: `Operations` to compute it with.
    constrain: Function from a kernel to the one that is used.

Returns:
    List of `Verdict`s, one to each scale; here the one of [batch, height/8 - 2, width/8 - 2, 1],
    30x30 for 256x256.
"""


def pixel_discriminator(x, y, network, operations=PLAIN, constrain=as_it_is):
    """Judges each pixel by itself: the paper's 1x1 PatchGAN; as `discriminator`."""
    layers = [("layer_1", 1, False), ("layer_2", 2, True)]
    x, features = pairs(x, y, network), []
    with scope(network):
        for name, widening, norm in layers:
            with tf.variable_scope(name):
                filters = widening * network.discriminator_filters
                x = padded_convolution(x, filters, 1, constrain=constrain)
                x = normalise(x, network.norm, BATCH) if norm else x
                x = leaky_relu(x, operations)
            features.append(x)
        with tf.variable_scope("layer_3"):
            return [Verdict(padded_convolution(x, 1, 1, constrain=constrain), features)]


def scope(network):
    """Opens the scope of the discriminator's variables."""
    return tf.variable_scope(
        SCOPE, reuse=tf.AUTO_REUSE, use_resource=True, initializer=weight_initializer(network)
    )


def pairs(x, y, network):
    """Joins input and target to what is judged, or leaves the target alone (paper, section 4.1)."""
    return tf.concat([x, y], axis=-1) if network.conditional else y


def judge(x, network, operations, constrain, halvings=None):
    """Builds a PatchGAN's layers in the present scope.

    Args:
        x: float32 [batch, height, width, channels], what `pairs` makes.
        network: `NetworkConfig`.
        operations: `Operations`.
        constrain: Function from a kernel to the one that is used.
        halvings: See `patch_with`.

    Returns:
        `Verdict`.
    """
    features = []
    for layer in patch_layers(halvings or network.discriminator_layers):
        filters = 1 if layer.widening is None else layer.widening * network.discriminator_filters
        with tf.variable_scope(layer.name):
            x = convolution(x, filters, layer.stride, operations, constrain)
            x = normalise(x, network.norm, BATCH) if layer.norm else x
            x = leaky_relu(x, operations) if layer.activation else x
        features.append(x)
    return Verdict(x, features[:-1])


def check_patches(network, halvings=None, scales=1):
    """Holds a PatchGAN's rule for sizes.

    Args:
        network: `NetworkConfig`.
        halvings: See `patch_with`.
        scales: How many PatchGANs there are, each on half the sides of the one before.

    Raises:
        SizeError: The pictures are too small, or cannot be halved; says what works.
    """
    can_be_fewer = halvings is None
    halvings = halvings or network.discriminator_layers
    if halvings < 1:
        raise ValueError(f"`discriminator_layers` is {halvings}; it must be at least 1")
    unit = 2 ** (halvings + scales - 1)
    sides = network.height, network.width
    # Two convolutions of stride 1 take a line each, and one has to be left.
    if min(sides) < 3 * unit or any(side % unit for side in sides):
        fewer = max((n for n in range(1, halvings) if _fits(sides, n + scales - 1)), default=None)
        remedy = f", or `discriminator_layers` {fewer}" if fewer and can_be_fewer else ""
        raise SizeError(
            f"`discriminator` {network.discriminator} with {halvings} layers of stride 2"
            f"{f' at {scales} scales' if scales > 1 else ''} does not take "
            f"{network.height}x{network.width} (height x width); both sides must be multiples of "
            f"{unit}, at least {3 * unit}{remedy}"
        )


def _fits(sides, halvings):
    unit = 2**halvings
    return min(sides) >= 3 * unit and not any(side % unit for side in sides)
