"""What discriminators and generators minimise to outdo each other, from logits to scalars.

Logits are lists, one element to each scale; a scale's loss is the mean over its logits, and the
loss that over the scales.
"""

from collections import namedtuple

import tensorflow.compat.v1 as tf

Adversarial = namedtuple("Adversarial", ["real", "fake", "fool", "weight"])
Adversarial.__doc__ = """A game between the two.

Attributes:
    real: Function of the logits of real pictures to the discriminator's loss.
    fake: Function of those of the generator's pictures to the discriminator's loss.
    fool: Function of those of the generator's pictures to the generator's loss.
    weight: Of both losses of the discriminator.
"""


def _cross_entropy(logits, labels_like):
    return tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels_like(logits))


def mean_of(scalars):
    """Takes the mean of a list of scalars, without a division.

    The gradient of one works out how its two shapes were brought together, in the graph.
    """
    return scalars[0] if len(scalars) == 1 else tf.add_n(scalars) * (1.0 / len(scalars))


def _mean_over_scales(loss):
    """Turns a function of one scale's logits into one of a list of them."""

    def mean(logits):
        scales = [tf.reduce_mean(loss(scale)) for scale in logits]
        return mean_of(scales)

    return mean


taken_for_real = _mean_over_scales(lambda logits: _cross_entropy(logits, tf.ones_like))
taken_for_fake = _mean_over_scales(lambda logits: _cross_entropy(logits, tf.zeros_like))
_near_one = _mean_over_scales(lambda logits: tf.square(logits - 1.0))
_near_zero = _mean_over_scales(tf.square)
_above_one = _mean_over_scales(lambda logits: tf.nn.relu(1.0 - logits))
_below_minus_one = _mean_over_scales(lambda logits: tf.nn.relu(1.0 + logits))
_high = _mean_over_scales(tf.negative)
_low = _mean_over_scales(tf.identity)

# The paper halves the discriminator's loss to slow it relative to the generator (section 3.3);
# so does junyanz's program, least squares included. The others are as they were published.
VANILLA = Adversarial(taken_for_real, taken_for_fake, taken_for_real, 0.5)
LEAST_SQUARES = Adversarial(_near_one, _near_zero, _near_one, 0.5)  # Mao et al. 2017.
HINGE = Adversarial(_above_one, _below_minus_one, _high, 1.0)  # Lim and Ye 2017; Miyato et al.
WASSERSTEIN = Adversarial(_high, _low, _high, 1.0)  # Arjovsky et al. 2017.

# Gulrajani et al. 2017, algorithm 1.
PENALTY_WEIGHT = 10.0


def gradient_penalty(judge, y, fake, mixing):
    """Mean squared distance from 1 of the slope of judgements between real and fake.

    Args:
        judge: Function of pictures like y to a list of logits, for the same inputs.
        y: float32 [batch, height, width, channels], the real targets.
        fake: The generator's pictures, like y.
        mixing: float32 [batch, 1, 1, 1] from 0 to 1, the share of the real one in what is judged.

    Returns:
        float32 scalar. The slope is that of a picture's mean logit, averaged over the scales.
    """
    between = mixing * y + (1.0 - mixing) * fake
    penalties = []
    for logits in judge(between):
        means = tf.reduce_mean(logits, axis=[1, 2, 3])
        (slopes,) = tf.gradients(means, [between])
        # The least number keeps the root's own slope finite where a judgement does not depend.
        lengths = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=[1, 2, 3]) + 1e-12)
        penalties.append(tf.reduce_mean(tf.square(lengths - 1.0)))
    return mean_of(penalties)


def mixing_at(step, batch_size):
    """Makes numbers that fill [0, 1) evenly from step to step, without chance.

    They follow from the step, so that a resumed run has those that the run before would have had.

    Args:
        step: int64 scalar tensor.
        batch_size: How many.

    Returns:
        float32 [batch_size, 1, 1, 1]: the fractions of multiples of 20251 / 2**15, which is near
        the golden ratio's.
    """
    period = 2**15
    first = tf.cast(tf.mod(step, period), tf.int32) * batch_size
    numbers = tf.mod(first + tf.range(batch_size), period)
    fractions = tf.cast(tf.mod(numbers * 20251, period), tf.float32) / period
    return tf.reshape(fractions, [batch_size, 1, 1, 1])
