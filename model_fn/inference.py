"""The generator alone, as it is exported and used."""

import contextlib

import tensorflow.compat.v1 as tf

from model_fn.averages import AVERAGE
from model_fn.networks.dropout import fixed_dropout
from model_fn.networks.norms import IMAGE
from model_fn.networks.registry import GENERATOR, GENERATORS

INPUT = "input"
OUTPUT = "output"


def predict(x, network, objective):
    """Translates pictures as in testing: statistics of each picture, dropout if asked for.

    Args:
        x: float32 [batch, height, width, input_channels] in [-1, 1].
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`, for `test_dropout`, `seed` and `uses_average`.

    Returns:
        float32 [batch, height, width, output_channels] in [-1, 1].
    """
    dropout = fixed_dropout(objective.seed) if objective.test_dropout else None
    averaged = tf.variable_scope(AVERAGE) if objective.uses_average else contextlib.nullcontext()
    with averaged:
        return GENERATORS[network.generator].build(x, network, IMAGE, dropout)


def predicting_scope(objective):
    """Says what the names of the variables begin with that predictions are made by."""
    return f"{AVERAGE}/{GENERATOR}/" if objective.uses_average else f"{GENERATOR}/"


def predicting_variables(objective):
    """Lists the variables of the present graph that predictions are made by."""
    return tf.global_variables(predicting_scope(objective))


def build_inference_graph(network, objective, batch_size=1):
    """Builds nodes `input` and `output` in the default graph.

    Args:
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.
        batch_size: Fixed, as offline compilers want it; None for any.
    """
    shape = [batch_size, network.height, network.width, network.input_channels]
    x = tf.placeholder(tf.float32, shape, name=INPUT)
    tf.identity(predict(x, network, objective), name=OUTPUT)
