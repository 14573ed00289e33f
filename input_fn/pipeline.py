"""Files to batches: the two `tf.data` pipelines, for training and for evaluation."""

import os

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.cache import PictureCache, names_of_content
from input_fn.errors import DataError
from input_fn.listing import shard
from input_fn.packed import PackedPairs, decode
from input_fn.preprocessing import evaluation_pair, training_pair
from input_fn.reading import PairReader

_FOREVER = np.iinfo(np.int64).max
# A fixed number: with AUTOTUNE, TensorFlow 1.15 was seen to keep 14 MB for each pair for ever.
_PARALLEL_CALLS = max(2, os.cpu_count() or 2)
# Of packed pairs so many are held to be shuffled; the files that hold them are shuffled as well.
_SHUFFLED_RECORDS = 1024
# AutoGraph would translate Python functions within a map, those of tf.numpy_function at every call.
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
        pairs: All ranks' pairs, the same list in the same order on each rank: from `list_pairs`.
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
        [-1, 1] and of fully static shape.

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

    if isinstance(pairs, PackedPairs):
        count, order_of_epoch, stacks_of = _packed_source(
            pairs, pair_format, draws, numbered_by_rank, rank, size, cache
        )
    else:
        # Each rank has files of its own, so an epoch of all ranks sees every file once.
        own = shard(pairs, rank, size)
        count, stacks_of = len(own), _file_source(own, pair_format, cache)

        def order_of_epoch(epoch):
            order = tf.argsort(draws(numbered_by_rank(epoch), count))
            return tf.data.Dataset.from_tensor_slices(order)

    def load(number, element):
        random_seed = tf.stack([tf.constant(seed, tf.int64), numbered_by_rank(number)])
        return training_pair(stacks_of(element), random_seed, pair_format, flip)

    start = start_batch * batch_size
    # Epochs without end, the first ones left out: resuming costs the same after any epoch.
    dataset = tf.data.Dataset.range(start // count, _FOREVER)
    # The whole list is shuffled, anew each epoch. Positions, not pixels, are what is shuffled.
    dataset = dataset.flat_map(order_of_epoch)
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
    return dataset.prefetch(tf.data.experimental.AUTOTUNE)


def evaluation_dataset(pairs, pair_format, batch_size=1):
    """Builds one pass over the pairs in their order, without jitter.

    Args:
        pairs: From `list_pairs`.
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
    if isinstance(pairs, PackedPairs):
        dataset = tf.data.TFRecordDataset(list(pairs.shards)).take(len(pairs))
        stacks_of = _record_reader(pairs, pair_format)
    else:
        dataset = tf.data.Dataset.range(len(pairs))
        stacks_of = _file_source(pairs, pair_format, CACHE_OFF)
    dataset = dataset.map(
        _as_it_is(lambda element: evaluation_pair(stacks_of(element), pair_format)),
        num_parallel_calls=_PARALLEL_CALLS,
    )
    # Nothing remains to be dropped where the batches come out even; saying so fixes the shape.
    dataset = dataset.batch(batch_size, drop_remainder=len(pairs) % batch_size == 0)
    return dataset.prefetch(tf.data.experimental.AUTOTUNE)


def _file_source(pairs, pair_format, cache):
    """Makes the function from a pair's position, an integer tensor, to its stacks."""
    reader = PairReader(pairs, pair_format)
    paths = tf.constant([pair if isinstance(pair, tuple) else (pair,) for pair in pairs])

    def load(position):
        files = tf.unstack(tf.gather(paths, position), num=reader.files)
        return reader.stacks([tf.io.read_file(file) for file in files])

    if cache == CACHE_OFF:
        return load
    folder = None if cache == CACHE_MEMORY else cache
    kept = PictureCache(names_of_content(pairs, pair_format), reader.specs, folder)
    return lambda position: kept.through(position, lambda: load(position))


def _packed_source(pairs, pair_format, draws, numbered_by_rank, rank, size, cache):
    """Makes what `training_dataset` needs of packed pairs: their number, order and contents."""
    folder = os.path.dirname(pairs.shards[0])
    if cache != CACHE_OFF:
        raise DataError(
            f"{folder}: holds packed pairs, which are not cached; leave "
            "--cache out, or name the folder that was packed"
        )
    count = len(shard([os.path.join(folder, name) for name in pairs.names], rank, size))
    shards = tf.constant(pairs.shards)
    # Only whole folders have their files shuffled: the first N pairs are those of the first files.
    is_whole = len(pairs) == pairs.total

    def order_of_epoch(epoch):
        order = tf.range(len(pairs.shards))
        if is_whole:
            # Common to all ranks: each takes every size-th of one sequence.
            order = tf.argsort(draws(epoch * size, len(pairs.shards)))
        records = tf.data.TFRecordDataset(tf.gather(shards, order)).take(len(pairs))
        records = records.shard(size, rank)
        keys = tf.data.Dataset.from_tensor_slices(draws(numbered_by_rank(epoch), count))
        windows = tf.data.Dataset.zip((records, keys)).batch(_SHUFFLED_RECORDS)
        return windows.flat_map(
            lambda records, keys: tf.data.Dataset.from_tensor_slices(
                tf.gather(records, tf.argsort(keys))
            )
        )

    return count, order_of_epoch, _record_reader(pairs, pair_format)


def _record_reader(pairs, pair_format):
    reader = PairReader(pairs, pair_format)
    return lambda record: reader.stacks(decode(record, reader.files))


def _check_batch_size(batch_size):
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
