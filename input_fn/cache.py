"""Decoded pictures, kept for the next epoch in memory or in a folder."""

import hashlib
import os

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.decoding import TURNED
from input_fn.errors import DataError
from input_fn.files import write_whole


class PictureCache:
    """Keeps what was decoded, pair by pair as they are first asked for.

    tf.data's own cache keeps a sequence, which has to be read to its end once and comes in one
    order; this one is asked by number, so that the order and the jitter of an epoch are those of a
    run without it, and an interrupted run leaves nothing that is half done.

    Args:
        names: A name for each pair that changes when its files do; see `names_of_content`.
        specs: The stacks of a pair, `StackSpec`s.
        folder: Where to keep them; None for memory.

    Raises:
        DataError: The folder cannot be written.
    """

    def __init__(self, names, specs, folder=None):
        self._names = names
        self._specs = specs
        self._folder = folder
        self._kept = {}
        self._missing = [
            np.zeros([spec.number, 0, 0, spec.channels], spec.dtype.as_numpy_dtype)
            for spec in specs
        ]
        if folder is not None:
            try:
                os.makedirs(folder, exist_ok=True)
                free = os.access(folder, os.W_OK)
            except OSError:
                free = False
            if not free:
                raise DataError(f"{folder}: cannot be written; choose another folder for `cache`")

    def through(self, position, load):
        """Builds the operations that take a pair from the cache, or load and keep it.

        Args:
            position: int64 scalar tensor, the number of the pair.
            load: Function without arguments that builds the loading and returns the stacks.

        Returns:
            List of stacks as `load` returns it.
        """
        dtypes = [spec.dtype for spec in self._specs]
        found, *stacks = tf.numpy_function(self._look_up, [position], [tf.bool, *dtypes])

        def load_and_keep():
            return self._shaped(tf.numpy_function(self._keep, [position, *load()], dtypes))

        found.set_shape([])
        kept = tf.cond(found, lambda: self._shaped(stacks), load_and_keep)
        return self._shaped(kept if isinstance(kept, (list, tuple)) else [kept])

    def _shaped(self, stacks):
        for stack, spec in zip(stacks, self._specs):
            stack.set_shape([spec.number, None, None, spec.channels])
        return list(stacks)

    def _look_up(self, position):
        if self._folder is None:
            stacks = self._kept.get(int(position))
        else:
            try:
                stacks = [np.load(path) for path in self._paths(position)]
            except (OSError, ValueError):
                stacks = None
        return [np.bool_(stacks is not None), *(stacks or self._missing)]

    def _keep(self, position, *stacks):
        if self._folder is None:
            # Copies: what is given is TensorFlow's memory.
            self._kept[int(position)] = [np.array(stack) for stack in stacks]
            return list(stacks)
        for path, stack in zip(self._paths(position), stacks):
            write_whole(path, lambda temporary, stack=stack: _save(temporary, stack))
        return list(stacks)

    def _paths(self, position):
        name = os.path.join(self._folder, self._names[int(position)])
        return [f"{name}-{number}.npy" for number in range(len(self._specs))]


def _save(path, array):
    # By a file object: of a path without .npy at its end, NumPy makes one with it.
    with open(path, "wb") as file:
        np.save(file, array)


def names_of_content(pairs, pair_format):
    """Makes a name for each pair that changes when its files, or how they are decoded, change.

    Args:
        pairs: `Pairs`.
        pair_format: The `PairFormat`.

    Returns:
        List of hexadecimal numbers.

    Raises:
        DataError: The pairs are packed.
    """
    decoding = (
        pair_format.layout,
        pair_format.channels,
        pair_format.alpha,
        None if pair_format.value_range is None else pair_format.bands_of_files,
    )
    if pair_format.inputs:
        decoding = (*decoding, pair_format.channels_of_files)
    if pair_format.has_weights:
        decoding = (*decoding, pair_format.counting_of_files, pair_format.weights)
    if any(TURNED in kinds for kinds in pairs.kinds):
        decoding = (*decoding, TURNED)
    return [
        hashlib.blake2b(repr([decoding, *stamps]).encode(), digest_size=16).hexdigest()
        for stamps in pairs.stamps()
    ]
