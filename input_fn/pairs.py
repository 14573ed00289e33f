"""The one type for pairs of pictures, whatever files they are in."""

import abc
import hashlib
import os

import tensorflow.compat.v1 as tf

from input_fn import packed
from input_fn.decoding import JPEG, KIND_OF_EXTENSION
from input_fn.errors import DataError

# Of packed pairs so many are held to be shuffled; the files that hold them are shuffled as well.
_SHUFFLED_RECORDS = 1024


class Pairs(abc.ABC):
    """Pairs of pictures in a fixed order, or one rank's share of them.

    A pair is made of one file or of several, as `layout` says; most programs need not know.

    Attributes:
        layout: As of `PairFormat`.
        names: Tuple of the names of the pairs' first files, without folder.
        kinds: Tuple, for each file of a pair, of the frozenset of kinds that occur in it: "JPEG",
            "PNG", "NPY".
        place: Where they come from, for messages.
    """

    layout = None
    names = ()
    kinds = ()
    place = ""

    def __len__(self):
        return len(self.names)

    @property
    def files(self):
        """Files to a pair."""
        return len(self.kinds)

    @abc.abstractmethod
    def take(self, count):
        """Returns the first `count` pairs, all if it is None."""

    def shard(self, rank, size):
        """Takes one rank's pairs: every size-th, from the rank-th on.

        Over all ranks the shards have every pair exactly once, and their lengths differ by one at
        most.

        Args:
            rank: 0 <= rank < size.
            size: Number of ranks.

        Returns:
            `Pairs`.

        Raises:
            DataError: There are fewer pairs than ranks.
            ValueError: `rank` is not in range.
        """
        if not 0 <= rank < size:
            raise ValueError(
                f"rank is {rank} of {size}; it must be at least 0 and below the number"
            )
        if len(self) < size:
            raise DataError(
                f"{self.place}: {len(self)} picture file(s) cannot be shared among {size} "
                f"device(s); at least {size} are needed, or fewer devices"
            )
        return self._shard(rank, size)

    @abc.abstractmethod
    def _shard(self, rank, size):
        """Takes every size-th pair; the arguments are in range."""

    @abc.abstractmethod
    def groups(self):
        """Lists what can be checked file by file: a tuple of paths for each pair.

        Packed pairs have none: they were checked when they were packed.
        """

    @abc.abstractmethod
    def choose(self, positions):
        """Returns the pairs at these positions of `groups`, in this order."""

    @abc.abstractmethod
    def elements(self):
        """Builds the `tf.data.Dataset` of one element for each pair, in order."""

    @abc.abstractmethod
    def shuffled(self, epoch, draws):
        """Builds the dataset of the elements of an epoch, in its order.

        Args:
            epoch: int64 scalar tensor.
            draws: Function of (number, count) that returns float64 [count] in [0, 1), which follow
                from the seed and the number alone.
        """

    @abc.abstractmethod
    def reader(self):
        """Makes, in the present graph, the function that reads a pair.

        Returns:
            Function from an element to a list of scalar string tensors, the bytes of its files.
        """

    @abc.abstractmethod
    def names_of_contents(self, decoding):
        """Makes a name for each pair that changes when its files, or `decoding`, change.

        Args:
            decoding: Whatever decides how files are decoded; has a `repr`.

        Returns:
            List of hexadecimal numbers.

        Raises:
            DataError: These pairs are not to be cached.
        """

    @abc.abstractmethod
    def places(self, position):
        """Says, for messages, where each file of the pair at a position is; a tuple."""


class FilePairs(Pairs):
    """Pairs of files of their own: A and B in one file, in a file each, or single photos.

    Args:
        groups: A tuple of paths for each pair.
        layout: As of `PairFormat`.
        rank: Whose pairs these are, of
        size: ranks.
    """

    def __init__(self, groups, layout, rank=0, size=1):
        self._groups = tuple(map(tuple, groups))
        self.layout = layout
        self.names = tuple(os.path.basename(group[0]) for group in self._groups)
        self.kinds = tuple(
            # What has no extension that is known cannot have been listed; the decoder will say so.
            frozenset(
                KIND_OF_EXTENSION.get(os.path.splitext(path)[1].lower(), JPEG) for path in paths
            )
            for paths in zip(*self._groups)
        )
        self.place = os.path.dirname(self._groups[0][0]) if self._groups else "no folder"
        self._rank, self._size = rank, size

    def take(self, count):
        """Returns the first pairs."""
        return FilePairs(self._groups[:count], self.layout)

    def _shard(self, rank, size):
        return FilePairs(self._groups[rank::size], self.layout, rank, size)

    def groups(self):
        """Lists all files."""
        return self._groups

    def choose(self, positions):
        """Returns some of the pairs."""
        return FilePairs([self._groups[position] for position in positions], self.layout)

    def elements(self):
        """Builds the dataset of positions."""
        return tf.data.Dataset.range(len(self))

    def shuffled(self, epoch, draws):
        """Builds the dataset of positions, of which the whole list is shuffled."""
        # Every rank numbers its epochs so that no two ranks share a random seed.
        order = tf.argsort(draws(epoch * self._size + self._rank, len(self)))
        return tf.data.Dataset.from_tensor_slices(order)

    def reader(self):
        """Makes the function that reads the files at a position."""
        # Once, outside of the function, which is run for each element.
        paths = tf.constant(self._groups)

        def read(position):
            files = tf.unstack(tf.gather(paths, position), num=self.files)
            return [tf.io.read_file(file) for file in files]

        return read

    def names_of_contents(self, decoding):
        """Makes names of the files' paths, sizes and times of change."""
        names = []
        for group in self._groups:
            facts = [decoding]
            for path in group:
                stat = tf.io.gfile.stat(path)
                facts.append((os.path.abspath(path), stat.length, stat.mtime_nsec))
            names.append(hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest())
        return names

    def places(self, position):
        """Lists the paths of the pair."""
        return self._groups[position]


class PackedPairs(Pairs):
    """Pairs in TFRecord files.

    Args:
        index: `packed.Index`.
        count: How many of them, the first ones.
        rank: Whose pairs these are, of
        size: ranks.
    """

    def __init__(self, index, count, rank=0, size=1):
        self._index = index
        self._count = count
        self._rank, self._size = rank, size
        self.layout = index.layout
        self.kinds = tuple(map(frozenset, index.kinds))
        self.names = tuple(index.names[:count])[rank::size]
        self.place = os.path.dirname(index.shards[0])

    def take(self, count):
        """Returns the first pairs."""
        return PackedPairs(self._index, self._count if count is None else min(count, self._count))

    def _shard(self, rank, size):
        return PackedPairs(self._index, self._count, rank, size)

    def groups(self):
        """Lists nothing."""
        return ()

    def choose(self, positions):
        """Returns all: there are no positions to choose from."""
        del positions
        return self

    def _records(self, shards):
        return tf.data.TFRecordDataset(shards).take(self._count).shard(self._size, self._rank)

    def elements(self):
        """Builds the dataset of records."""
        return self._records(list(self._index.shards))

    def shuffled(self, epoch, draws):
        """Builds the dataset of records: the files are shuffled, and records within a window."""
        shards = tf.constant(self._index.shards)
        # Only whole folders have their files shuffled: the first N pairs are those of the first
        # files.
        if self._count == len(self._index.names):
            # Common to all ranks: each takes every size-th of one sequence.
            order = tf.argsort(draws(epoch * self._size, len(self._index.shards)))
            shards = tf.gather(shards, order)
        records = self._records(shards)
        keys = draws(epoch * self._size + self._rank, len(self))
        keys = tf.data.Dataset.from_tensor_slices(keys)
        windows = tf.data.Dataset.zip((records, keys)).batch(_SHUFFLED_RECORDS)
        return windows.flat_map(
            lambda records, keys: tf.data.Dataset.from_tensor_slices(
                tf.gather(records, tf.argsort(keys))
            )
        )

    def reader(self):
        """Makes the function that takes the files out of a record."""
        return lambda record: packed.decode(record, self.files)

    def names_of_contents(self, decoding):
        """Refuses: reading packed pairs is fast as it is."""
        raise DataError(
            f"{self.place}: holds packed pairs, which are not cached; leave --cache out, or name "
            "the folder that was packed"
        )

    def places(self, position):
        """Names the folder and the pair in it."""
        return (f"{self.place} (the packed pair {self.names[position]})",) * self.files
