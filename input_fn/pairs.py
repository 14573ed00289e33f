"""The pairs of a data set, however they are stored: the one type that all of this room passes on.

A pair is one file (A and B side by side, or a single photo) or several (A and B in folders of their
own). Only the kinds of pairs know in which way they are stored; all others ask for what they need.
Files of one or several pictures are here, records of many pairs in `packed_pairs`.
"""

# ruff: noqa: D102 - what the methods of both kinds do is said once, by `Pairs`.
import abc
import os
from dataclasses import dataclass, replace
from typing import FrozenSet, Optional, Tuple

import tensorflow.compat.v1 as tf

from input_fn.decoding import JPEG, KIND_OF_EXTENSION, TURNED
from input_fn.errors import DataError
from input_fn.pair_choices import SIDE_BY_SIDE


class Pairs(abc.ABC):
    """Pairs in an order that is the same on every machine.

    Within a `tf.data` pipeline a pair is an element, a scalar tensor of which nothing is known but
    that `reader` makes the bytes of the pair's files of it.

    Attributes:
        layout: As of `PairFormat`.
        folder: Of the first files, for messages.
        names: Tuple of the name of each pair's first file, without folder.
        kinds: For each file of a pair, the frozenset of kinds (JPEG, PNG, NPY, TIFF) that may
            occur, with TURNED among them if some have been found not to be upright.
    """

    def __len__(self) -> int:
        return len(self.names)

    def take(self, count: Optional[int]) -> "Pairs":
        """Takes the first pairs, at most `count`; all if it is None."""
        return self.choose(range(len(self))[:count])

    def shard(self, rank: int, size: int) -> "Pairs":
        """Takes one rank's pairs: every size-th, from the rank-th on.

        Over all ranks the shards have every pair exactly once, and their lengths differ by one at
        most.

        Args:
            rank: 0 <= rank < size.
            size: Number of ranks.

        Raises:
            DataError: There are fewer pairs than ranks.
            ValueError: `rank` is not in range.
        """
        if not 0 <= rank < size:
            raise ValueError(
                f"rank is {rank} of {size}; it must be at least 0 and below the number"
            )
        if len(self) < size:
            where = f"{self.folder}: " if len(self) else ""
            raise DataError(
                f"{where}{len(self)} picture file(s) cannot be shared among {size} device(s); "
                f"at least {size} are needed, or fewer devices"
            )
        return self._every(rank, size)

    @abc.abstractmethod
    def _every(self, rank, size):
        """Takes every size-th pair, from the rank-th on."""

    @abc.abstractmethod
    def choose(self, positions) -> "Pairs":
        """Takes the pairs at some positions, which are in rising order."""

    @abc.abstractmethod
    def groups(self) -> Tuple[Tuple[str, ...], ...]:
        """Lists each pair's files, where they can be checked one by one; else nothing."""

    def known_facts(self):
        """Lists what is known of pairs that cannot be checked one by one.

        Returns:
            List of (places, facts): for each file its place, in words for a message, and `Facts`.
        """
        return []

    @abc.abstractmethod
    def with_turned(self, numbers) -> "Pairs":
        """Remembers of which files of a pair some have been found not to be upright."""

    @abc.abstractmethod
    def stamps(self):
        """Lists for each pair what changes when its files do: path, size and time of each.

        Raises:
            DataError: The pairs are not stored so that this could be told of each.
        """

    @abc.abstractmethod
    def content_stamps(self):
        """Lists what changes when any file of the pairs does, however they are stored."""

    @abc.abstractmethod
    def place(self, position: int, number: int) -> str:
        """Says where file `number` of the pair at `position` is, in words for a message."""

    @abc.abstractmethod
    def in_order(self) -> tf.data.Dataset:
        """Builds the dataset of all elements, in their order."""

    @abc.abstractmethod
    def shuffled(self, common_draws, own_draws) -> tf.data.Dataset:
        """Builds the dataset of all elements in the order that random numbers decide.

        Args:
            common_draws: Function from a count to so many random float64 in [0, 1), the same on all
                ranks.
            own_draws: Likewise, but of this rank's own.
        """

    @abc.abstractmethod
    def reader(self, numbers):
        """Builds the function that reads pairs.

        Args:
            numbers: Which files of a pair to read.

        Returns:
            Function from an element to a list of scalar string tensors, the bytes of the files.
        """


@dataclass(frozen=True)
class FilePairs(Pairs):
    """Pairs of which each picture, or A and B together, is a file of its own.

    Args:
        paths: For each pair, the tuple of its files, local or remote.
        layout: As of `PairFormat`.
        turned: Numbers of the files of a pair of which some are not upright.
    """

    paths: Tuple[Tuple[str, ...], ...]
    layout: str = SIDE_BY_SIDE
    turned: FrozenSet[int] = frozenset()

    @classmethod
    def of_single_files(cls, paths, layout=SIDE_BY_SIDE):
        """Makes pairs of which each is one file."""
        return cls(tuple((path,) for path in paths), layout)

    @property
    def folder(self):
        return os.path.dirname(self.paths[0][0])

    @property
    def names(self):
        return tuple(os.path.basename(files[0]) for files in self.paths)

    @property
    def kinds(self) -> Tuple[FrozenSet[str], ...]:
        # What has no extension that is known cannot have been listed; the decoder will say so.
        return tuple(
            frozenset(map(_kind_of, files)) | ({TURNED} if number in self.turned else set())
            for number, files in enumerate(zip(*self.paths))
        )

    def __len__(self):
        return len(self.paths)

    def _every(self, rank, size):
        return replace(self, paths=self.paths[rank::size])

    def choose(self, positions):
        return replace(self, paths=tuple(self.paths[position] for position in positions))

    def groups(self):
        return self.paths

    def with_turned(self, numbers):
        return replace(self, turned=frozenset(numbers))

    def stamps(self):
        return [tuple(map(stamp, files)) for files in self.paths]

    def content_stamps(self):
        return self.stamps()

    def place(self, position, number):
        return self.paths[position][number]

    def in_order(self):
        return tf.data.Dataset.range(len(self))

    def shuffled(self, common_draws, own_draws):
        # Positions, not pixels, are what is shuffled: the whole list of them.
        return tf.data.Dataset.from_tensor_slices(tf.argsort(own_draws(len(self))))

    def reader(self, numbers):
        paths = tf.constant([[files[number] for number in numbers] for files in self.paths])

        def read(position):
            files = tf.unstack(tf.gather(paths, position), num=len(numbers))
            return [tf.io.read_file(file) for file in files]

        return read


def _kind_of(path):
    return KIND_OF_EXTENSION.get(os.path.splitext(path)[1].lower(), JPEG)


def stamp(path):
    """Makes what changes when a file does: its absolute path, size and time of change."""
    if "://" in path:
        stat = tf.io.gfile.stat(path)
        return path, stat.length, stat.mtime_nsec
    # TensorFlow's own stat rounds to seconds.
    stat = os.stat(path)
    return os.path.abspath(path), stat.st_size, stat.st_mtime_ns
