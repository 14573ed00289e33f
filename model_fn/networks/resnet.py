"""Generators of residual blocks: Johnson et al. 2016, as in junyanz's program, and pix2pixHD's."""

import tensorflow.compat.v1 as tf

from model_fn.networks.initialisation import weight_initializer
from model_fn.networks.layers import (
    ZEROS,
    finished,
    padded_convolution,
    padded_transposed_convolution,
    resized_convolution,
)
from model_fn.networks.norms import normalise
from model_fn.networks.sizes import SizeError, require_multiples
from model_fn.networks.unet import DROPOUT_RATE, RESIZED, SCOPE
from model_fn.operations import PLAIN

_ENDS = 7  # Size of the kernels at both ends.
_BLOCK = 3  # Size of the others.
# pix2pixHD's networks (Wang et al. 2018, section 3.1 and the supplement).
_GLOBAL_HALVINGS, _GLOBAL_BLOCKS = 4, 9
_LOCAL_BLOCKS = 3


def resnet(blocks, halvings=2, has_dropout=True):
    """Makes a generator that halves pictures and has residual blocks at its smallest size.

    Args:
        blocks: Their number: 6 or 9 in junyanz's program.
        halvings: How often the sides are halved.
        has_dropout: Whether a block drops, where a step does.

    Returns:
        Function like `unet.unet`, and its rule for sizes, a function of `NetworkConfig`.
    """

    def build(x, network, statistics, dropout=None, operations=PLAIN):
        del operations  # They are for kernels of 4x4.
        layers = _Layers(network, statistics, dropout if has_dropout else None)
        with _scope(network):
            return layers.head(layers.trunk(x, network.generator_filters, halvings, blocks))

    return build, _size_rule(halvings)


def global_generator():
    """Makes pix2pixHD's G1, which has no dropout; result as of `resnet`."""
    return resnet(_GLOBAL_BLOCKS, _GLOBAL_HALVINGS, has_dropout=False)


def local_generator(x, network, statistics, dropout=None, operations=PLAIN):
    """Refines what the global generator makes of the picture at half its size; as `unet`.

    pix2pixHD's local enhancer around G1, whose features are added to its own. `generator_filters`
    are those of the enhancer; G1 has twice as many.
    """
    del dropout, operations
    layers, filters = _Layers(network, statistics, None), network.generator_filters
    with _scope(network):
        coarse = tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
        with tf.variable_scope("global"):
            coarse = layers.trunk(coarse, 2 * filters, _GLOBAL_HALVINGS, _GLOBAL_BLOCKS)
        with tf.variable_scope("local"):
            fine = layers.down(layers.stem(x, filters), 2 * filters, 1) + coarse
            for number in range(1, _LOCAL_BLOCKS + 1):
                fine = layers.block(fine, number)
            return layers.head(layers.up(fine, filters, 1))


def _size_rule(halvings):
    def check(network):
        unit = 2**halvings
        require_multiples(network, unit, f"`generator` {network.generator}")
        # The mirror image of one pixel around the picture needs a second one.
        if min(network.height, network.width) < 2 * unit:
            raise SizeError(
                f"`generator` {network.generator} does not take {network.height}x{network.width} "
                f"(height x width): {2 * unit}x{2 * unit} is the least"
            )

    return check


check_local = _size_rule(_GLOBAL_HALVINGS + 1)


def _scope(network):
    return tf.variable_scope(
        SCOPE, reuse=tf.AUTO_REUSE, use_resource=True, initializer=weight_initializer(network)
    )


class _Layers:
    """The layers of these networks, each in a scope of its name."""

    def __init__(self, network, statistics, dropout):
        self._network = network
        self._statistics = statistics
        self._dropout = dropout

    def trunk(self, x, filters, halvings, blocks):
        """All but the head; gives features [batch, height, width, filters]."""
        x = self.stem(x, filters)
        for number in range(1, halvings + 1):
            x = self.down(x, filters * 2**number, number)
        for number in range(1, blocks + 1):
            x = self.block(x, number)
        for number in range(1, halvings + 1):
            x = self.up(x, filters * 2 ** (halvings - number), number)
        return x

    def stem(self, x, filters):
        with tf.variable_scope("stem"):
            return tf.nn.relu(self._normalised(padded_convolution(x, filters, _ENDS)))

    def down(self, x, filters, number):
        with tf.variable_scope(f"down_{number}"):
            x = padded_convolution(x, filters, _BLOCK, stride=2, padding=ZEROS)
            return tf.nn.relu(self._normalised(x))

    def block(self, x, number):
        filters = x.shape.as_list()[-1]
        with tf.variable_scope(f"block_{number}"):
            with tf.variable_scope("first"):
                y = tf.nn.relu(self._normalised(padded_convolution(x, filters, _BLOCK)))
                if self._dropout is not None:
                    y = self._dropout(y, DROPOUT_RATE, number)
            with tf.variable_scope("second"):
                return x + self._normalised(padded_convolution(y, filters, _BLOCK))

    def up(self, x, filters, number):
        with tf.variable_scope(f"up_{number}"):
            if self._network.upsampling == RESIZED:
                x = resized_convolution(x, filters)
            else:
                x = padded_transposed_convolution(x, filters)
            return tf.nn.relu(self._normalised(x))

    def head(self, x):
        with tf.variable_scope("head"):
            return finished(
                padded_convolution(x, self._network.output_channels, _ENDS), self._network
            )

    def _normalised(self, x):
        return normalise(x, self._network.norm, self._statistics)
