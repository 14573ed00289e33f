"""Where the inputs of pairs lie, for what is made of them."""

import tensorflow.compat.v1 as tf

from input_fn.decoding import TIFF
from input_fn.georeference import read_placed_size
from input_fn.pair_choices import SIDE_BY_SIDE
from input_fn.tiff import is_tiff


def placed_inputs(pairs, pair_format):
    """Reads where the inputs of pairs lie, one after the other.

    Args:
        pairs: `Pairs`.
        pair_format: The `PairFormat`. Of A and B side by side, both lie where the left half does;
            of several inputs the first counts.

    Yields:
        For each pair a `Georeference` and the (height, width) of the input's picture in its file;
        or None, if that is no TIFF file.
    """
    number = pair_format.input_file
    if TIFF not in pairs.kinds[number]:
        yield from [None] * len(pairs)
        return
    halves = 2 if pair_format.layout == SIDE_BY_SIDE else 1
    for content in _contents(pairs, number):
        if not is_tiff(content):
            yield None
            continue
        georeference, (height, width) = read_placed_size(content)
        yield georeference, (height, width // halves)


def _contents(pairs, number):
    """Yields the bytes of file `number` of each pair, however they are stored."""
    graph = tf.Graph()
    with graph.as_default():
        read = pairs.reader([number])
        # Without AutoGraph, which would translate the function.
        load = tf.autograph.experimental.do_not_convert(lambda element: read(element)[0])
        iterator = tf.data.make_initializable_iterator(pairs.in_order().map(load))
        following = iterator.get_next()
    # Not as a context, which would be the caller's between one pair and the next.
    session = tf.Session(graph=graph, config=tf.ConfigProto(device_count={"GPU": 0}))
    try:
        session.run(iterator.initializer)
        for _ in range(len(pairs)):
            yield session.run(following)
    finally:
        session.close()
