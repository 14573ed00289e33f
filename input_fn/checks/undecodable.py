"""Finds the file that stopped a training run, after it has stopped."""

import os
import re
from typing import Optional, Tuple

import tensorflow.compat.v1 as tf

from input_fn.pairs import Pairs
from input_fn.reading import PairReader

_PARALLEL_CALLS = max(2, os.cpu_count() or 2)


def find_undecodable(pairs: Pairs, pair_format) -> Optional[Tuple[str, str]]:
    """Finds the file that TensorFlow failed on, since its own error does not name it.

    Every file up to the first bad one is read and decoded, so this is for use after an error.

    Args:
        pairs: `Pairs`, from `list_pairs`.
        pair_format: The `PairFormat`, which decides how files are decoded.

    Returns:
        The path, of packed pairs with the name of the pair, and TensorFlow's reason in one line;
        None if all files can be decoded.
    """
    if not len(pairs):
        return None
    for number, decode in enumerate(PairReader(pairs.kinds, pair_format).decoders):
        found = _first_undecodable(pairs, number, decode)
        if found:
            position, reason = found
            return pairs.place(position, number), reason
    return None


def _first_undecodable(pairs, number, decode):
    """Returns the position of the first pair whose file `number` is bad, and the reason."""
    with tf.Graph().as_default(), tf.device("/cpu:0"):
        read = pairs.reader([number])
        dataset = pairs.in_order().map(
            # Reduced to a number, so that no picture has to be kept or copied.
            tf.autograph.experimental.do_not_convert(
                lambda element: tf.size(decode(read(element)[0]))
            ),
            num_parallel_calls=_PARALLEL_CALLS,
        )
        iterator = tf.data.make_initializable_iterator(dataset)
        following = iterator.get_next()
        # A training session may hold the memory of all GPUs.
        with tf.Session(config=tf.ConfigProto(device_count={"GPU": 0})) as session:
            session.run(iterator.initializer)
            # A callable's errors are not wrapped in a report on the graph, as those of `run` are.
            advance = session.make_callable(following.op)
            for position in range(len(pairs)):
                try:
                    advance()
                except tf.errors.OpError as error:
                    # The first line, less the name that TensorFlow 1.15 gave the function.
                    reason = re.sub(r"^{{.*?}} *", "", error.message).strip().splitlines()[0]
                    return position, reason
    return None
