"""The generator alone, as it is exported and used."""

import contextlib

import tensorflow.compat.v1 as tf

from model_fn.averages import AVERAGE
from model_fn.networks.dropout import fixed_dropout
from model_fn.networks.layers import kernels_as
from model_fn.networks.norms import IMAGE
from model_fn.networks.registry import GENERATOR, GENERATORS
from model_fn.networks.statistics import GivenStatistics

INPUT = "input"
OUTPUT = "output"
STATISTICS = "statistics"
MEASURED = "measured"


def predict(x, network, objective, statistics=IMAGE, dtype=tf.float32):
    """Translates pictures as in testing: statistics of each picture, dropout if asked for.

    Args:
        x: float32 [batch, height, width, input_channels] in [-1, 1].
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`, for `test_dropout`, `seed` and `uses_average`.
        statistics: Those that norms take: "image", or `GivenStatistics`.
        dtype: In which convolutions are computed, of `kernels_as`; the rest is float32.

    Returns:
        float32 [batch, height, width, output_channels] in [-1, 1].
    """
    dropout = fixed_dropout(objective.seed) if objective.test_dropout else None
    averaged = tf.variable_scope(AVERAGE) if objective.uses_average else contextlib.nullcontext()
    with averaged, kernels_as(dtype):
        return GENERATORS[network.generator].build(x, network, statistics, dropout)


def predicting_scope(objective):
    """Says what the names of the variables begin with that predictions are made by."""
    return f"{AVERAGE}/{GENERATOR}/" if objective.uses_average else f"{GENERATOR}/"


def predicting_variables(objective):
    """Lists the variables of the present graph that predictions are made by."""
    return tf.global_variables(predicting_scope(objective))


def build_inference_graph(
    network, objective, batch_size=1, given_statistics=False, dtype=tf.float32
):
    """Builds nodes `input` and `output` in the default graph.

    Args:
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.
        batch_size: Fixed, as offline compilers want it; None for any.
        given_statistics: Whether norms, if there are any, take statistics that are fed. Then there
            are two nodes more, both float32 [batch, 2, channels of all norms]: `statistics`, as the
            table of `GivenStatistics`, and `measured`, its `measured`.
        dtype: As of `predict`.
    """
    shape = [batch_size, network.height, network.width, network.input_channels]
    x = tf.placeholder(tf.float32, shape, name=INPUT)
    channels = statistics_channels(network) if given_statistics else 0
    if channels == 0:
        tf.identity(predict(x, network, objective, dtype=dtype), name=OUTPUT)
        return
    table = tf.placeholder(tf.float32, [batch_size, 2, channels], name=STATISTICS)
    statistics = GivenStatistics(table)
    tf.identity(predict(x, network, objective, statistics, dtype), name=OUTPUT)
    tf.identity(statistics.measured, name=MEASURED)


def statistics_channels(network):
    """Counts the channels of all norms of a network's generator that can be given statistics.

    Args:
        network: `NetworkConfig`.

    Returns:
        Their number; 0 if it has no norms.
    """
    with tf.Graph().as_default():
        x = tf.zeros([1, network.height, network.width, network.input_channels])
        # Wider than any network; only as far as it is taken does it matter.
        statistics = GivenStatistics(tf.placeholder(tf.float32, [1, 2, None]))
        GENERATORS[network.generator].build(x, network, statistics)
        return statistics.channels
