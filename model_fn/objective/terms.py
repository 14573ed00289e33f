"""The terms of the losses (paper, sections 3.1 and 3.3), from one record of tensors to scalars."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

Judged = namedtuple("Judged", ["x", "y", "fake", "real_logits", "fake_logits"])
Judged.__doc__ = """What a term may be a function of: all that a step has of a batch.

Attributes:
    x: float32 [batch, height, width, input_channels] in [-1, 1], the inputs.
    y: float32 [batch, height, width, output_channels] in [-1, 1], the real targets.
    fake: The generator's pictures, like y.
    real_logits: List, one element to each scale, of the discriminator's float32 logits for y.
    fake_logits: The same for the generator's pictures.
"""


def taken_for_real(logits):
    """Mean cross entropy, in nats, of a discriminator that should say "real" (float32 scalar)."""
    return _cross_entropy(logits, tf.ones_like)


def taken_for_fake(logits):
    """Mean cross entropy, in nats, of a discriminator that should say "fake" (float32 scalar)."""
    return _cross_entropy(logits, tf.zeros_like)


def l1_distance(judged):
    """Mean absolute distance to the target, on the scale of [-1, 1] (float32 scalar)."""
    return tf.reduce_mean(tf.abs(judged.y - judged.fake))


def _cross_entropy(logits, labels_like):
    """The mean over the scales of each scale's mean."""
    scales = [
        tf.reduce_mean(
            tf.nn.sigmoid_cross_entropy_with_logits(logits=scale, labels=labels_like(scale))
        )
        for scale in logits
    ]
    return scales[0] if len(scales) == 1 else tf.add_n(scales) / len(scales)
