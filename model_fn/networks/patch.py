"""The discriminator: a PatchGAN that sees 70x70 pixels with each logit (paper, section 6.1.2)."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.networks.layers import convolution, leaky_relu
from model_fn.networks.norms import BATCH, batch_norm
from model_fn.operations import PLAIN

SCOPE = "discriminator"

Layer = namedtuple("Layer", ["name", "widening", "stride", "norm", "activation"])
Layer.__doc__ = """One 4x4 convolution, batch norm, activation. The layer has widening times
--ndf filters; widening None stands for the one channel of logits."""

LAYERS = (
    Layer("layer_1", 1, stride=2, norm=False, activation="leaky_relu"),
    Layer("layer_2", 2, stride=2, norm=True, activation="leaky_relu"),
    Layer("layer_3", 4, stride=2, norm=True, activation="leaky_relu"),
    Layer("layer_4", 8, stride=1, norm=True, activation="leaky_relu"),
    Layer("layer_5", None, stride=1, norm=False, activation=None),
)


def discriminator(x, y, network, operations=PLAIN):
    """Judges, patch by patch, whether y is a real translation of x.

    Args:
        x: float32 [batch, height, width, input_channels], the input pictures.
        y: float32 [batch, height, width, output_channels], real or fake targets.
        network: `NetworkConfig`.
        operations: `Operations` to compute it with.

    Returns:
        List, one element to each scale, of float32 logits; here the one of [batch, height/8 - 2,
        width/8 - 2, 1], 30x30 for 256x256. Positive is real.
    """
    with tf.variable_scope(SCOPE, reuse=tf.AUTO_REUSE, use_resource=True):
        x = tf.concat([x, y], axis=-1)
        for layer in LAYERS:
            filters = (
                1 if layer.widening is None else layer.widening * network.discriminator_filters
            )
            with tf.variable_scope(layer.name):
                x = convolution(x, filters, layer.stride, operations)
                x = batch_norm(x, BATCH) if layer.norm else x
                x = leaky_relu(x, operations) if layer.activation else x
        return [x]
