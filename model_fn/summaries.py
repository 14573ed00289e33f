"""What TensorBoard shows of training."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

IMAGES = "image_summaries"
_ROWS = 4

TrainingSummaries = namedtuple("TrainingSummaries", ["global_step", "scalars", "rows"])
TrainingSummaries.__doc__ = """Tensors to be shown: `global_step`, int64 scalar; `scalars`,
an ordered dict of tag to scalar; `rows`, uint8 [batch, height, 3 width, 3], input |
output | target."""


def training_scalars(losses, learning_rates, scaling):
    """Names the scalars of a training step.

    Args:
        losses: List of `Term`s.
        learning_rates: Dict of network to that of its optimizer, a number or a scalar tensor; the
            same object where it is the same rate, which then is shown once.
        scaling: Dict of network to a dict of name to tensor, the state of its loss scaling.

    Returns:
        Ordered dict of tag to scalar tensor.
    """
    scalars = {term.tag: term.value for term in losses}
    rates = list(learning_rates.values())
    if all(rate is rates[0] for rate in rates):
        scalars["learning_rate"] = tf.convert_to_tensor(rates[0], tf.float32)
    else:
        for network, rate in learning_rates.items():
            scalars[f"{network}/learning_rate"] = tf.convert_to_tensor(rate, tf.float32)
    for network, state in scaling.items():
        scalars.update({f"{network}/{name}": tensor for name, tensor in state.items()})
    return scalars


def add_to_graph(summaries):
    """Adds summary operations: the scalars to the default collection, the rows to `IMAGES`.

    Pictures are apart because they are large: they are to be written less often.

    Args:
        summaries: `TrainingSummaries`.
    """
    # Absolute name scopes: inside a strategy the tags must not carry a replica's name.
    with tf.name_scope(None):
        for tag, value in summaries.scalars.items():
            tf.summary.scalar(tag, value)
        tf.summary.image("train/input_output_target", summaries.rows, _ROWS, collections=[IMAGES])
