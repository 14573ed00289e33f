"""What TensorBoard shows of training."""

import tensorflow.compat.v1 as tf

IMAGES = "image_summaries"
_ROWS = 4


def add_training_summaries(step, rows, learning_rate):
    """Adds the scalars to the default collection and the image rows to `IMAGES`.

    Pictures are apart because they are large: they are to be written less often.

    Args:
        step: `TrainingStep`.
        rows: uint8 [batch, height, 3 width, 3], input | output | target.
        learning_rate: Of both optimizers.
    """
    scalars = {
        "discriminator/loss": step.discriminator_losses.total,
        "discriminator/real": step.discriminator_losses.real,
        "discriminator/fake": step.discriminator_losses.fake,
        "generator/loss": step.generator_losses.total,
        "generator/gan": step.generator_losses.gan,
        "generator/l1": step.generator_losses.l1,
        "learning_rate": tf.constant(learning_rate, tf.float32),
    }
    # Absolute name scopes: inside a strategy the tags must not carry a replica's name.
    with tf.name_scope(None):
        for tag, value in scalars.items():
            tf.summary.scalar(tag, value)
        tf.summary.image("train/input_output_target", rows, _ROWS, collections=[IMAGES])
