"""The pictures of a pair, as they come out of its files, to input and target."""

import functools
import itertools

import tensorflow.compat.v1 as tf

from input_fn.decoding import with_channels
from input_fn.weights import unweighted


def stored_pair(stacks, pair_format):
    """Takes input and target out of a pair's stacks, of whatever values.

    Args:
        stacks: As for `evaluation_pair`, without weights.
        pair_format: The `PairFormat`, not that of photos to be coloured.

    Returns:
        [height, width, input_channels] and [height, width, output_channels].
    """
    inputs, target = _inputs_and_target(stacks, pair_format)
    x = joined(inputs, pair_format.channels_of_input_files or (pair_format.input_channels,))
    return x, with_channels(target, pair_format.output_channels)


def weighted_pair(stacks, pair_format):
    """Does the same for stacks whose last channel is the weight.

    Returns:
        What `stored_pair` does; and float32 [height, width, 1], how much the pixels of the input
        count, and how much those of the pair.
    """
    inputs, target = _inputs_and_target(stacks, pair_format)
    counts = pair_format.channels_of_input_files or (pair_format.input_channels,)
    x, of_input = joined_and_weighted(inputs, counts)
    y, of_target = unweighted(target)
    weights = tf.minimum(of_input, of_target)
    return x, with_channels(y, pair_format.output_channels), of_input, weights


def _inputs_and_target(stacks, pair_format):
    pictures = list(itertools.chain.from_iterable(map(tf.unstack, stacks)))
    if pair_format.inputs:
        return pictures[:-1], pictures[-1]
    first, second = (0, 1) if pair_format.direction == "AtoB" else (1, 0)
    return [pictures[first]], pictures[second]


def joined(pictures, counts):
    """Joins pictures of one size, [height, width, channels], as channels; each gives so many."""
    parts = [with_channels(picture, count) for picture, count in zip(pictures, counts)]
    return tf.concat(parts, axis=-1)


def joined_and_weighted(pictures, counts):
    """Joins pictures whose last channel is their weight; a pixel counts as its least does."""
    values, weights = zip(*map(unweighted, pictures))
    least = functools.reduce(tf.minimum, weights)
    return joined(values, counts), least
