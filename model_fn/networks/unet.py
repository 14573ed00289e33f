"""The paper's generators (section 6.1.1): a U-Net, and the same without its skips."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.networks.initialisation import weight_initializer
from model_fn.networks.layers import (
    convolution,
    finished,
    leaky_relu,
    resized_convolution,
    resized_separable_convolution,
    separable_convolution,
    transposed_convolution,
)
from model_fn.networks.norms import normalise
from model_fn.networks.sizes import unet_depth
from model_fn.operations import PLAIN

SCOPE = "generator"
TRANSPOSED, RESIZED = "transposed", "resize"
UPSAMPLINGS = (TRANSPOSED, RESIZED)
DROPOUT_RATE = 0.5
_DROPOUT_LAYERS = 3
_MAXIMUM_WIDENING = 8

Layer = namedtuple("Layer", ["name", "filters", "activation", "norm", "dropout"])
Layer.__doc__ = """One layer, in the order activation, convolution that halves or doubles the
sides, norm, dropout. activation is None, "leaky_relu" or "relu"."""


def encoder_layers(network):
    """Lists the encoder from the outermost layer to the bottleneck.

    No norm on the first layer (paper) nor on the bottleneck: over the one pixel of one picture,
    batch norm is a constant and would cut the bottleneck off (erratum of the paper). Programs from
    before the erratum have it there, so `bottleneck_norm` brings it back.

    Args:
        network: `NetworkConfig`.

    Returns:
        List of `depth` `Layer`s.
    """
    depth = unet_depth(network)
    return [
        Layer(
            name=f"encoder_{number}",
            filters=network.generator_filters * min(2 ** (number - 1), _MAXIMUM_WIDENING),
            activation=None if number == 1 else "leaky_relu",
            norm=1 < number < depth or (number == depth and network.bottleneck_norm),
            dropout=False,
        )
        for number in range(1, depth + 1)
    ]


def decoder_layers(network):
    """Lists the decoder from the bottleneck outwards.

    Dropout is on the three innermost layers. The last layer has the picture's channels, no batch
    norm, and is followed by tanh, or by softmax over classes.

    Args:
        network: `NetworkConfig`.

    Returns:
        List of `depth` `Layer`s; each but the first also gets its mirror encoder layer's output.
    """
    innermost = unet_depth(network)
    return [
        Layer(
            name=f"decoder_{number}",
            filters=(
                network.output_channels
                if number == 1
                else network.generator_filters * min(2 ** (number - 2), _MAXIMUM_WIDENING)
            ),
            activation="relu",
            norm=number > 1,
            dropout=number > max(innermost - _DROPOUT_LAYERS, 1),
        )
        for number in range(innermost, 0, -1)
    ]


def unet(x, network, statistics, dropout=None, operations=PLAIN):
    """Translates pictures.

    Args:
        x: float32 [batch, height, width, input_channels] in [-1, 1].
        network: `NetworkConfig`.
        statistics: Of batch norm: "batch" or "image".
        dropout: Function of (activations, rate, layer number) that drops; None for no dropout.
        operations: `Operations` to compute it with.

    Returns:
        float32 [batch, height, width, output_channels] in [-1, 1]; shares of classes in 0 to 1.
    """
    return _build(x, network, statistics, dropout, operations, has_skips=True)


def encoder_decoder(x, network, statistics, dropout=None, operations=PLAIN):
    """Translates pictures by way of the bottleneck alone (paper, section 4.2); as `unet`."""
    return _build(x, network, statistics, dropout, operations, has_skips=False)


def _build(x, network, statistics, dropout, operations, has_skips):
    with tf.variable_scope(
        SCOPE, reuse=tf.AUTO_REUSE, use_resource=True, initializer=weight_initializer(network)
    ):
        skips = []
        for layer in encoder_layers(network):
            with tf.variable_scope(layer.name):
                x = leaky_relu(x, operations) if layer.activation else x
                x = _halved(x, layer.filters, network, operations)
                x = normalise(x, network.norm, statistics) if layer.norm else x
            skips.append(x)
        skips.pop()
        for number, layer in enumerate(decoder_layers(network)):
            with tf.variable_scope(layer.name):
                if number > 0 and has_skips:
                    x = tf.concat([x, skips.pop()], axis=-1)
                x = _doubled(tf.nn.relu(x), layer.filters, network, operations)
                x = normalise(x, network.norm, statistics) if layer.norm else x
                if layer.dropout and dropout is not None:
                    x = dropout(x, DROPOUT_RATE, number)
        return finished(x, network)


def _halved(x, filters, network, operations):
    if network.separable:
        return separable_convolution(x, filters, stride=2)
    return convolution(x, filters, 2, operations)


def _doubled(x, filters, network, operations):
    if network.separable:
        return resized_separable_convolution(x, filters)
    if network.upsampling == RESIZED:
        return resized_convolution(x, filters, operations)
    return transposed_convolution(x, filters, operations)
