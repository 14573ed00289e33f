"""Sums and collections of tensors over several hosts, by TensorFlow's collective operations."""

import functools
import itertools
import operator

import tensorflow.compat.v1 as tf
from tensorflow.python.ops import collective_ops

FLOAT32, DTYPES = "float32", ("float32", "bfloat16", "float16")

# TensorFlow's own strategy counts groups from 1, operations from 100 and variables from 1,000,000.
_GROUP = 500
_INSTANCES = itertools.count(500_000)
# TensorFlow 1.15's collective operations know no numbers of 16 bits; they came with these.
ADDS_16_BITS = hasattr(collective_ops, "all_reduce_v2")
# Tensors below this size travel together, since each exchange has a wait of its own.
_SMALL_BYTES = 2**18


class Collectives:
    """What all ranks take part in; all have to build the same graph.

    Args:
        size: The number of ranks, at least 2.
        dtype: One of `DTYPES`, in which numbers travel. A number beyond float16's range is sent
            as its largest, 65504.
        instances: Iterator of whole numbers, one for an operation, the same on all ranks; never to
            be used twice in a process.
    """

    def __init__(self, size, dtype, instances=_INSTANCES):
        self._size = size
        self._dtype = tf.as_dtype(dtype)
        self._instances = instances

    def sums(self, tensors):
        """Adds up each tensor over all ranks.

        Args:
            tensors: List of float32 tensors of static shape.

        Returns:
            List of float32 tensors like them, the same to the last bit on all ranks.
        """
        are_small = [_elements(one) * one.dtype.size < _SMALL_BYTES for one in tensors]
        small = [one for one, is_small in zip(tensors, are_small) if is_small]
        joined = iter(self._joined_sums(small) if small else [])
        return [
            next(joined) if is_small else self._sum(one)
            for one, is_small in zip(tensors, are_small)
        ]

    def _joined_sums(self, tensors):
        total = self._sum(tf.concat([tf.reshape(one, [-1]) for one in tensors], axis=0))
        parts = tf.split(total, [_elements(one) for one in tensors])
        return [tf.reshape(part, one.shape) for part, one in zip(parts, tensors)]

    def _sum(self, tensor):
        if self._dtype.size < 4 and not ADDS_16_BITS:
            # In the order of the ranks, on all of them.
            return functools.reduce(operator.add, self.gather(tensor))
        with _device_of(tensor):
            total = collective_ops.all_reduce(
                self._cast(tensor, addends=self._size),
                self._size,
                _GROUP,
                next(self._instances),
                merge_op="Add",
                final_op="Id",
            )
            return tf.cast(total, tf.float32)

    def gather(self, tensor):
        """Collects a tensor of all ranks.

        Args:
            tensor: float32 of static shape.

        Returns:
            List of float32 tensors like it, in the order of the ranks.
        """
        with _device_of(tensor):
            sent = self._packed(self._cast(tensor))
            received = collective_ops.all_gather(sent, self._size, _GROUP, next(self._instances))
            return [
                tf.cast(self._unpacked(one, tensor.shape), tf.float32)
                for one in tf.split(received, self._size)
            ]

    def _cast(self, tensor, addends=1):
        """Casts to what travels; the sum of so many stays in its range."""
        if self._dtype == tf.float16:
            most = tf.float16.max / addends
            clipped = tf.clip_by_value(tensor, -most, most)
            # Infinity stays infinity, by which an overflow is known.
            tensor = tf.where(tf.is_finite(tensor), clipped, tensor)
        return tf.cast(tensor, self._dtype)

    def _packed(self, tensor):
        """Makes one row of it, in which numbers of 16 bits travel two by two."""
        row = tf.reshape(tensor, [-1])
        if self._dtype.size == 4:
            return row
        row = tf.pad(row, [[0, _elements(row) % 2]])
        return tf.bitcast(tf.reshape(row, [-1, 2]), tf.int32)

    def _unpacked(self, row, shape):
        if self._dtype.size < 4:
            row = tf.reshape(tf.bitcast(row, self._dtype), [-1])[: shape.num_elements()]
        return tf.reshape(row, shape)


def _elements(tensor):
    return tensor.shape.num_elements()


def _device_of(tensor):
    # Collective operations have to be told, and what goes before and after them is to be there too.
    return tf.device(tensor.device or "/device:CPU:0")
