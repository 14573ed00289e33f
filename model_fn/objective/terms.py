"""The objective (paper, sections 3.1 and 3.3), from logits and pictures to scalars."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

DiscriminatorLosses = namedtuple("DiscriminatorLosses", ["total", "real", "fake"])
GeneratorLosses = namedtuple("GeneratorLosses", ["total", "gan", "l1"])


def discriminator_losses(real_logits, fake_logits):
    """Half the binary cross entropy of telling real from fake.

    Halved to slow the discriminator relative to the generator (paper, section 3.3).

    Args:
        real_logits: float32, any shape: the discriminator's logits for real targets.
        fake_logits: The same for the generator's.

    Returns:
        `DiscriminatorLosses` of float32 scalars: `total` = (real + fake) / 2; `real` and `fake`
        are mean cross entropies in nats.
    """
    real = _cross_entropy(real_logits, tf.ones_like)
    fake = _cross_entropy(fake_logits, tf.zeros_like)
    return DiscriminatorLosses(total=0.5 * (real + fake), real=real, fake=fake)


def generator_losses(fake_logits, fake, target, gan_weight, l1_weight):
    """Cross entropy of passing for real, and the mean absolute distance to the target.

    The first is the form that does not saturate, -log D(x, G(x)) (paper, section 3.3).

    Args:
        fake_logits: float32 logits of the discriminator for the generator's pictures.
        fake: float32 [batch, height, width, channels] in [-1, 1], the generator's pictures.
        target: The real ones.
        gan_weight: Weight of the first term.
        l1_weight: Weight of the second term, the paper's lambda.

    Returns:
        `GeneratorLosses` of float32 scalars: `total` = gan_weight gan + l1_weight l1; `gan` in
        nats, `l1` on the scale of [-1, 1].
    """
    gan = _cross_entropy(fake_logits, tf.ones_like)
    l1 = tf.reduce_mean(tf.abs(target - fake))
    return GeneratorLosses(total=gan_weight * gan + l1_weight * l1, gan=gan, l1=l1)


def _cross_entropy(logits, labels_like):
    return tf.reduce_mean(
        tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=labels_like(logits))
    )
