"""Files to batches: the two `tf.data` pipelines, for training and for evaluation."""

import os

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.errors import DataError
from input_fn.listing import shard
from input_fn.transforms import evaluation_pair, training_pair

_FOREVER = np.iinfo(np.int64).max
# A fixed number: with AUTOTUNE, TensorFlow 1.15 was seen to keep 14 MB for each pair for ever.
_PARALLEL_CALLS = max(2, os.cpu_count() or 2)


def training_dataset(
    paths, pair_format, batch_size, seed, flip=True, rank=0, size=1, start_batch=0
):
    """Builds the endless, shuffled and jittered stream of training batches of one rank.

    The stream is a function of the arguments alone: the order of the files follows from (seed,
    epoch, rank) and the jitter from (seed, number of the element, rank), not from how parallel
    calls happen to interleave. So `start_batch=k` goes on exactly as a stream from 0 would after
    its first k batches, and reads none of the files before.

    Args:
        paths: All ranks' files, the same list in the same order on each rank.
        pair_format: The `PairFormat`.
        batch_size: Pairs in a batch of this rank.
        seed: Whole number, the same on each rank.
        flip: Whether to mirror pairs at random.
        rank: This rank, 0 <= rank < size.
        size: Number of ranks.
        start_batch: Number of batches to leave out at the start: those of the run being resumed.

    Returns:
        `tf.data.Dataset` of `({"input": x}, y)`; x is float32 [batch_size, height, width,
        input_channels] and y float32 [batch_size, height, width, output_channels], both in
        [-1, 1] and of fully static shape.

    Raises:
        DataError: There are fewer files than ranks.
        ValueError: `batch_size`, `start_batch`, `rank` or `size` is out of range.
    """
    _check_batch_size(batch_size)
    if start_batch < 0:
        raise ValueError(f"start_batch is {start_batch}; it must not be negative")
    # Each rank has files of its own, so an epoch of all ranks sees every file once.
    own_paths = tf.constant(shard(paths, rank, size), tf.string)
    count = int(own_paths.shape[0])
    start = start_batch * batch_size

    # Every rank numbers its epochs and elements so that no two ranks share a random seed.
    def numbered_by_rank(number):
        return number * size + rank

    def order_of_epoch(epoch):
        # Negative, to be apart from the seeds of the elements. Double precision, so that ties,
        # which would favour the files' own order, do not occur even with millions of files.
        random_seed = tf.stack([tf.constant(seed, tf.int64), -1 - numbered_by_rank(epoch)])
        draws = tf.random.stateless_uniform([count], seed=random_seed, dtype=tf.float64)
        return tf.data.Dataset.from_tensor_slices(tf.argsort(draws))

    def load(number, position):
        random_seed = tf.stack([tf.constant(seed, tf.int64), numbered_by_rank(number)])
        return training_pair(tf.gather(own_paths, position), random_seed, pair_format, flip)

    # Epochs without end, the first ones left out: resuming costs the same after any epoch.
    dataset = tf.data.Dataset.range(start // count, _FOREVER)
    # The whole list is shuffled, anew each epoch. Positions, not pixels, are what is shuffled.
    dataset = dataset.flat_map(order_of_epoch)
    # The part of the first epoch that the resumed run has had.
    dataset = dataset.skip(start % count)
    # The number of an element decides its jitter, whichever thread comes to make it.
    dataset = tf.data.Dataset.zip((tf.data.Dataset.range(start, _FOREVER), dataset))
    # In parallel, and in order: the result of a run must not depend on the threads' timing.
    dataset = dataset.map(load, num_parallel_calls=_PARALLEL_CALLS)
    # Across the ends of epochs, which makes every batch full; drop_remainder tells TensorFlow so,
    # and makes the shape static, which NPUs need.
    dataset = dataset.batch(batch_size, drop_remainder=True)
    # The next batches are made while the device works on this one.
    return dataset.prefetch(tf.data.experimental.AUTOTUNE)


def evaluation_dataset(paths, pair_format, batch_size=1):
    """Builds one pass over the files in their order, without jitter.

    Args:
        paths: The files.
        pair_format: The `PairFormat`; `load_size` is not used.
        batch_size: Pairs in a batch. The last batch is smaller if it does not divide the number
            of files; if it does, the shape is static.

    Returns:
        `tf.data.Dataset` of `({"input": x}, y)` as from `training_dataset`.

    Raises:
        DataError: There are no files.
        ValueError: `batch_size` is out of range.
    """
    _check_batch_size(batch_size)
    if not paths:
        raise DataError("there are no picture files to evaluate; at least one is needed")
    dataset = tf.data.Dataset.from_tensor_slices(tf.constant(paths, tf.string))
    dataset = dataset.map(
        lambda path: evaluation_pair(path, pair_format),
        num_parallel_calls=_PARALLEL_CALLS,
    )
    # Nothing remains to be dropped where the batches come out even; saying so fixes the shape.
    dataset = dataset.batch(batch_size, drop_remainder=len(paths) % batch_size == 0)
    return dataset.prefetch(tf.data.experimental.AUTOTUNE)


def _check_batch_size(batch_size):
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
