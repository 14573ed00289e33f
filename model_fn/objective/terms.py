"""What a term of the losses may be a function of, and the generator's terms beside the GAN's."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.masking import weighted_mean
from model_fn.objective.adversarial import mean_of

Judged = namedtuple(
    "Judged",
    [
        *("x", "y", "fake", "real_verdicts", "fake_verdicts", "judge", "mixing", "weights"),
        "steps_before",
    ],
)
Judged.__doc__ = """All that a step has of a batch.

Attributes:
    x: float32 [batch, height, width, input_channels] in [-1, 1], the inputs.
    y: float32 [batch, height, width, output_channels] in [-1, 1], the real targets.
    fake: The generator's pictures, like y.
    real_verdicts: List, one element to each scale, of the discriminator's `Verdict`s on y; None
        where no term needs them.
    fake_verdicts: The same for the generator's pictures; None without a discriminator.
    judge: Function of pictures like y to a list of logits, of operations that can be differentiated
        twice.
    mixing: float32 [batch, 1, 1, 1] from 0 to 1, others in each step.
    weights: float32 [batch, height, width, 1] in [0, 1], how much each pixel counts; None where all
        count the same.
    steps_before: int64 scalar, steps made before this one.
"""
Judged.__new__.__defaults__ = (None,) * 6

# pix2pixHD's losses of a scale's layers are added up and multiplied by this, divided by their
# number without the last (its train.py; Wang et al. 2018, equation 4, has 1 over a layer's size).
_FEATURE_FACTOR = 4.0
# Keeps the logarithm finite, in 16 bits as well. A pixel that is this sure of a wrong class still
# learns, at half the pace.
_LEAST_SHARE = 1e-6


def logits_of(verdicts):
    """Lists the logits of a list of `Verdict`s."""
    return [verdict.logits for verdict in verdicts]


def l1_distance(judged):
    """Mean absolute distance to the target, on the scale of [-1, 1] (float32 scalar).

    With weights it is the weighted mean over all pixels of the batch.
    """
    return weighted_mean(tf.abs(judged.y - judged.fake), judged.weights)


def cross_entropy(judged):
    """Mean over pixels of -log of the share that the target's class has (float32 scalar, nats).

    Pixels of no class, where the target's planes are all 0, add nothing. With weights it is the
    weighted mean over all pixels of the batch.
    """
    shares = tf.log(judged.fake + _LEAST_SHARE)
    return -weighted_mean(tf.reduce_sum(judged.y * shares, axis=-1, keepdims=True), judged.weights)


# The generator's distance to the target by its name; each is also the name of the term.
L1, CROSS_ENTROPY = "l1", "ce"
DISTANCES = {L1: l1_distance, CROSS_ENTROPY: cross_entropy}


def feature_distance(judged):
    """Four times the mean absolute distance of the discriminator's features (float32 scalar).

    Each layer counts the same, as does each scale. What real pictures give is taken for constant.
    """
    scales = []
    for real, fake in zip(judged.real_verdicts, judged.fake_verdicts):
        layers = [
            tf.reduce_mean(tf.abs(tf.stop_gradient(one) - other))
            for one, other in zip(real.features, fake.features)
        ]
        scales.append(_FEATURE_FACTOR * mean_of(layers))
    return mean_of(scales)


def edge_distance(judged):
    """Mean absolute distance of the differences between neighbours (float32 scalar).

    That of neighbours in a row and that of neighbours in a column are added.
    """
    error, weights = judged.y - judged.fake, judged.weights
    in_rows = tf.abs(error[:, :, 1:] - error[:, :, :-1])
    in_columns = tf.abs(error[:, 1:] - error[:, :-1])
    if weights is None:
        return tf.reduce_mean(in_rows) + tf.reduce_mean(in_columns)
    # Neighbours count as the lesser of them does.
    of_rows = tf.minimum(weights[:, :, 1:], weights[:, :, :-1])
    of_columns = tf.minimum(weights[:, 1:], weights[:, :-1])
    return weighted_mean(in_rows, of_rows) + weighted_mean(in_columns, of_columns)
