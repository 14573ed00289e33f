"""Files to batches: the two `tf.data` pipelines, for training and for evaluation."""

import os

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.cache import PictureCache, names_of_content
from input_fn.decoding import ARRAYS
from input_fn.errors import DataError
from input_fn.preprocessing import evaluation_pair, training_pair
from input_fn.reading import PairReader
from input_fn.weights import unweighted

_FOREVER = np.iinfo(np.int64).max
# A fixed number: with AUTOTUNE, TensorFlow 1.15 was seen to keep 14 MB for each pair for ever.
_PARALLEL_CALLS = max(2, os.cpu_count() or 2)
# AutoGraph would translate Python functions within a map, those of tf.numpy_function at every call,
# and on TensorFlow 1.15 read all of tf.contrib for that.
_as_it_is = tf.autograph.experimental.do_not_convert

CACHE_OFF = "off"
CACHE_MEMORY = "memory"


def training_dataset(
    pairs,
    pair_format,
    batch_size,
    seed,
    flip=True,
    rank=0,
    size=1,
    start_batch=0,
    cache=CACHE_OFF,
):
    """Builds the endless, shuffled and jittered stream of training batches of one rank.

    The stream is a function of the arguments alone, and the same with a cache as without: the order
    of the pairs follows from (seed, epoch, rank) and the jitter from (seed, number of the element,
    rank), not from how parallel calls happen to interleave. So `start_batch=k` goes on exactly as a
    stream from 0 would after its first k batches, and decodes none of the pairs before.

    Args:
        pairs: `Pairs` of all ranks, the same in the same order on each rank: from `list_pairs`.
        pair_format: The `PairFormat`.
        batch_size: Pairs in a batch of this rank.
        seed: Whole number, the same on each rank.
        flip: Whether to mirror pairs at random.
        rank: This rank, 0 <= rank < size.
        size: Number of ranks.
        start_batch: Number of batches to leave out at the start: those of the run being resumed.
        cache: "off"; "memory": decoded pictures are kept in memory; else the folder where to keep
            them.

    Returns:
        `tf.data.Dataset` of `({"input": x}, y)`; x is float32 [batch_size, height, width,
        input_channels] and y float32 [batch_size, height, width, output_channels], both in
        [-1, 1] and of fully static shape. If not all pixels count, "weights", float32 [batch_size,
        height, width, 1] in [0, 1], stands beside "input".

    Raises:
        DataError: There are fewer pairs than ranks, or the cache cannot be used.
        ValueError: `batch_size`, `start_batch`, `rank` or `size` is out of range.
    """
    _check_batch_size(batch_size)
    if start_batch < 0:
        raise ValueError(f"start_batch is {start_batch}; it must not be negative")

    # Every rank numbers its epochs and elements so that no two ranks share a random seed.
    def numbered_by_rank(number):
        return number * size + rank

    def draws(epoch_number, count):
        # Negative, to be apart from the seeds of the elements. Double precision, so that ties,
        # which would favour the files' own order, do not occur even with millions of files.
        random_seed = tf.stack([tf.constant(seed, tf.int64), -1 - epoch_number])
        return tf.random.stateless_uniform([count], seed=random_seed, dtype=tf.float64)

    # Each rank has pairs of its own, so an epoch of all ranks sees every pair once.
    own = pairs.shard(rank, size)
    count, stacks_of = len(own), _stack_builder(own, pair_format, cache)

    def order_of_epoch(epoch):
        return own.shuffled(
            lambda count: draws(epoch * size, count),
            lambda count: draws(numbered_by_rank(epoch), count),
        )

    def load(number, element):
        random_seed = tf.stack([tf.constant(seed, tf.int64), numbered_by_rank(number)])
        return training_pair(stacks_of(element), random_seed, pair_format, flip)

    start = start_batch * batch_size
    # Epochs without end, the first ones left out: resuming costs the same after any epoch.
    dataset = tf.data.Dataset.range(start // count, _FOREVER)
    # The whole list is shuffled, anew each epoch.
    dataset = dataset.flat_map(_as_it_is(order_of_epoch))
    # The part of the first epoch that the resumed run has had.
    dataset = dataset.skip(start % count)
    # The number of an element decides its jitter, whichever thread comes to make it.
    dataset = tf.data.Dataset.zip((tf.data.Dataset.range(start, _FOREVER), dataset))
    # In parallel, and in order: the result of a run must not depend on the threads' timing.
    dataset = dataset.map(_as_it_is(load), num_parallel_calls=_PARALLEL_CALLS)
    # Across the ends of epochs, which makes every batch full; drop_remainder tells TensorFlow so,
    # and makes the shape static, which NPUs need.
    dataset = dataset.batch(batch_size, drop_remainder=True)
    # The next batches are made while the device works on this one.
    return _on_fit_threads(dataset.prefetch(tf.data.experimental.AUTOTUNE), pairs)


def evaluation_dataset(pairs, pair_format, batch_size=1):
    """Builds one pass over the pairs in their order, without jitter.

    Args:
        pairs: `Pairs`, from `list_pairs`.
        pair_format: The `PairFormat`; `load_size` is not used.
        batch_size: Pairs in a batch. The last batch is smaller if it does not divide the number
            of pairs; if it does, the shape is static.

    Returns:
        `tf.data.Dataset` of `({"input": x}, y)` as from `training_dataset`.

    Raises:
        DataError: There are no pairs.
        ValueError: `batch_size` is out of range.
    """
    _check_batch_size(batch_size)
    if not len(pairs):
        raise DataError("there are no picture files to evaluate; at least one is needed")
    stacks_of = _stack_builder(pairs, pair_format, CACHE_OFF)
    dataset = pairs.in_order()
    dataset = dataset.map(
        _as_it_is(lambda element: evaluation_pair(stacks_of(element), pair_format)),
        num_parallel_calls=_PARALLEL_CALLS,
    )
    # Nothing remains to be dropped where the batches come out even; saying so fixes the shape.
    dataset = dataset.batch(batch_size, drop_remainder=len(pairs) % batch_size == 0)
    return _on_fit_threads(dataset.prefetch(tf.data.experimental.AUTOTUNE), pairs)


def stored_inputs(pairs, pair_format, targets=False):
    """Builds one pass over the inputs as their files have them, neither resized nor scaled.

    Args:
        pairs: `Pairs`, from `list_pairs`.
        pair_format: The `PairFormat`; its sizes and `resize` are not used.
        targets: Whether it is the targets that are asked for.

    Returns:
        `tf.data.Dataset` of float32 [height, width, 3 or more] in [0, 255]: of grey inputs RGB as
        well; of photos that are to be coloured the photo.
    """
    stacks_of = _stack_builder(pairs, pair_format, CACHE_OFF)
    is_second = (pair_format.direction == "BtoA") != targets
    place = 1 if is_second and not pair_format.lab else 0

    def load(element):
        stacks = stacks_of(element)
        if pair_format.has_weights:
            stacks = [unweighted(stack)[0] for stack in stacks]
        pictures = [stack[number] for stack in stacks for number in range(stack.shape.as_list()[0])]
        if pair_format.inputs:
            return tf.concat([tf.cast(each, tf.float32) for each in pictures[:-1]], axis=-1)
        return tf.cast(pictures[place], tf.float32)

    return pairs.in_order().map(_as_it_is(load))


def _stack_builder(pairs, pair_format, cache):
    """Makes the function from an element of `pairs` to the pair's stacks."""
    kinds = pairs.kinds
    decoding, read = PairReader(kinds, pair_format), pairs.reader(range(len(kinds)))

    def load(element):
        return decoding.stacks(read(element))

    if cache == CACHE_OFF:
        return load
    folder = None if cache == CACHE_MEMORY else cache
    kept = PictureCache(names_of_content(pairs, pair_format), decoding.specs, folder)
    # Pairs that can be told apart by their files, as the cache needs, are elements by position.
    return lambda position: kept.through(position, lambda: load(position))


def _on_fit_threads(dataset, pairs):
    """Gives a pipeline threads of its own if Python decodes.

    Python decodes one file at a time; the others wait for their turn, which TensorFlow's own
    threads, as many as there are cores, are not to be held up by: the training step needs them.
    """
    if not any(kinds & ARRAYS for kinds in pairs.kinds):
        return dataset
    options = tf.data.Options()
    # TensorFlow 1.15 has it by the longer name only.
    threading = getattr(options, "threading", None) or options.experimental_threading
    threading.private_threadpool_size = _PARALLEL_CALLS
    return dataset.with_options(options)


def _check_batch_size(batch_size):
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
