"""Pairs that prepare.py has packed into a few large files."""

# ruff: noqa: D102 - what the methods of both kinds do is said once, by `Pairs`.
import os
from dataclasses import dataclass, replace
from typing import FrozenSet, Sequence, Tuple

import tensorflow.compat.v1 as tf

from input_fn.errors import DataError
from input_fn.packed import count_records, decode, read_records
from input_fn.pairs import Pairs, stamp

# So many are held to be shuffled; the files that hold them are shuffled as well.
_SHUFFLED_RECORDS = 1024


@dataclass(frozen=True)
class PackedPairs(Pairs):
    """Pairs packed into a few large files of records; see `packed`.

    Args:
        files: Paths of the files.
        all_names: Names of all pairs in the files, in their order.
        layout: As of `PairFormat`.
        kinds: As of `Pairs`.
        positions: Of the pairs that are taken, among all; in rising order.
        rank: Of those every `size`-th is taken, from this one on. If all pairs are shared among
            ranks, what is every `size`-th differs from epoch to epoch; `names` has those of the
            files' own order.
        size: See `rank`.
        examples: As of `Index`.
    """

    files: Tuple[str, ...]
    all_names: Tuple[str, ...]
    layout: str
    kinds: Tuple[FrozenSet[str], ...]
    positions: Sequence[int]
    rank: int = 0
    size: int = 1
    examples: tuple = ()

    @property
    def folder(self):
        return os.path.dirname(self.files[0])

    @property
    def names(self):
        return tuple(self.all_names[position] for position in self._own)

    def __len__(self):
        return len(self._own)

    @property
    def _own(self):
        return self.positions[self.rank :: self.size]

    def _every(self, rank, size):
        return replace(self, rank=self.rank + self.size * rank, size=self.size * size)

    def choose(self, positions):
        if len(positions) == len(self):
            return self
        chosen = tuple(self._own[position] for position in positions)
        return replace(self, positions=chosen, rank=0, size=1)

    def groups(self):
        # They were checked when they were packed.
        return ()

    def known_facts(self):
        return [
            ((f"{self.folder}: pair {name}",) * len(facts), facts) for name, facts in self.examples
        ]

    def with_turned(self, numbers):
        # Their kinds say so since then.
        return self

    def stamps(self):
        raise DataError(
            f"{self.folder}: holds packed pairs, which are not cached; leave "
            "`cache` out, or name the folder that was packed"
        )

    def content_stamps(self):
        return [list(map(stamp, self.files)), list(self._own)]

    def place(self, position, number):
        own = self._own[position]
        part = f", file {number + 1} of {len(self.kinds)}" if len(self.kinds) > 1 else ""
        seen = 0
        for file in self.files:
            seen += count_records(file)
            if own < seen:
                break
        return f"{file}: pair {self.all_names[own]}{part}"

    def in_order(self):
        return self._records(tf.constant(self.files))

    def shuffled(self, common_draws, own_draws):
        files = tf.constant(self.files)
        # Only whole folders have their files shuffled: the first N pairs are those of the first
        # files.
        if len(self.positions) == len(self.all_names):
            # Common to all ranks: each takes every size-th of one sequence.
            files = tf.gather(files, tf.argsort(common_draws(len(self.files))))
        keys = tf.data.Dataset.from_tensor_slices(own_draws(len(self)))
        windows = tf.data.Dataset.zip((self._records(files), keys)).batch(_SHUFFLED_RECORDS)
        return windows.flat_map(
            lambda records, keys: tf.data.Dataset.from_tensor_slices(
                tf.gather(records, tf.argsort(keys))
            )
        )

    def _records(self, files):
        return read_records(files, self.positions).shard(self.size, self.rank)

    def reader(self, numbers):
        return lambda record: decode(record, numbers)
