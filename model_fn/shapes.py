"""The variables of the networks, without training them."""

import tensorflow.compat.v1 as tf

from model_fn.operations import PLAIN
from model_fn.step import build_training_step


class _AnyDevice:
    """What a training step needs of a device to have its variables."""

    operations = PLAIN

    def wrap_optimizer(self, optimizer, name):
        """Leaves it as it is."""
        del name
        return optimizer

    def dropout(self, x, rate, seed, step):
        """Drops nothing."""
        del rate, seed, step
        return x


def trainable_shapes(network, objective):
    """Lists what a training step trains.

    Args:
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.

    Returns:
        Dict of full variable name to its shape, a list.
    """
    with tf.Graph().as_default():
        x, y = (
            tf.placeholder(tf.float32, [1, network.height, network.width, channels])
            for channels in (network.input_channels, network.output_channels)
        )
        step = tf.train.get_or_create_global_step()
        build_training_step(x, y, network, objective, _AnyDevice(), step)
        return {each.op.name: each.shape.as_list() for each in tf.trainable_variables()}
