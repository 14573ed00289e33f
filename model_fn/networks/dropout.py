"""Dropout in testing: one draw of noise, the same for every picture."""

import numpy as np
import tensorflow.compat.v1 as tf


def fixed_dropout(seed):
    """Makes a dropout whose noise is drawn once and kept as a constant in the graph.

    The paper keeps dropout on in testing as the generator's only source of noise (section 3.4).
    Drawn afresh for each picture it would make a prediction depend on the pictures before it.
    With one draw for all, a prediction is a function of its picture and the seed, and the graph
    has no random op that an exporter or an NPU would have to know.

    Args:
        seed: Whole number from which the noise follows.

    Returns:
        Function of (x, rate, layer number) with x of static height, width and channels.
    """

    def dropout(x, rate, layer_number):
        random = np.random.RandomState([seed % 2**32, layer_number])
        shape = [1, *x.shape.as_list()[1:]]
        kept = random.uniform(size=shape) >= rate
        return x * tf.constant(kept / (1.0 - rate), tf.float32)

    return dropout
