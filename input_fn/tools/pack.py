"""`pack`: many small files into a few large ones, which are read in sequence."""

import glob
import os
from typing import NamedTuple

import tensorflow.compat.v1 as tf

from input_fn.checks.facts import inspect, read_bytes, turned_of
from input_fn.checks.faults import fault_of_files
from input_fn.errors import DataError
from input_fn.files import write_json, write_whole
from input_fn.listing import list_pairs
from input_fn.packed import INDEX, Index, encode, index_content
from input_fn.pair_choices import LAYOUTS, SIDE_BY_SIDE
from input_fn.pairs import FilePairs
from input_fn.splits import SPLITS, has_split
from input_fn.tools.arguments import add_folder_flags, count_from, folders_of
from input_fn.tools.jobs import map_jobs, summarize


def add_command(commands):
    """Adds `pack`."""
    parser = commands.add_parser(
        "pack", help="pack pairs into TFRecord files; --data_path takes the packed folder"
    )
    parser.add_argument(
        "folder", metavar="DIR", help="data set with train/ and perhaps val/, test/"
    )
    parser.add_argument("out", metavar="OUT", help="folder to write to")
    parser.add_argument(
        "--data_layout",
        choices=LAYOUTS,
        default=SIDE_BY_SIDE,
        help="as of train.py; single: photos for --lab_colorization",
    )
    add_folder_flags(parser, series=True)
    parser.add_argument(
        "--shards", type=count_from(1), default=8, metavar="N", help="files to a split (default: 8)"
    )
    parser.set_defaults(run=_pack)


def _pack(options):
    splits = [split for split in SPLITS if has_split(options.folder, split)]
    if not splits:
        raise DataError(f"{options.folder}: has no folder train, val or test; nothing to pack")
    if os.path.realpath(options.out) == os.path.realpath(options.folder):
        raise DataError(f"{options.out}: is what is packed; name another folder to write to")
    folders = folders_of(options, options.data_layout)
    written, skipped = 0, []
    for split in splits:
        place = os.path.join(options.folder, split)
        pairs = list_pairs(place, None, options.data_layout, folders)
        groups = pairs.groups()
        if not groups:
            raise DataError(f"{options.folder}/{split}: is packed already; name what was packed")
        count = min(options.shards, len(groups))
        jobs = []
        for number in range(count):
            # In one piece each, so that the order of the files is that of the names.
            start, end = (len(groups) * edge // count for edge in (number, number + 1))
            name = f"pairs-{number:05d}-of-{count:05d}.tfrecord"
            path = os.path.join(options.out, split, name)
            jobs.append((path, groups[start:end], options.data_layout))
        results = map_jobs(_write_shard, jobs, split)
        shards = {os.path.basename(job[0]): each.size for job, each in zip(jobs, results)}
        packed = tuple(group for each in results for group in each.good)
        skipped += [line for each in results for line in each.bad]
        if not packed:
            raise DataError(f"{options.folder}/{split}: every pair is bad: {skipped[0]}")
        turned = frozenset().union(*(each.turned for each in results))
        good = FilePairs(packed, options.data_layout, turned)
        # The last that is put in stays; that is to be the first pair of its kind.
        examples = {}
        for result in reversed(results):
            examples.update(result.examples)
        _write_index(os.path.join(options.out, split), shards, good, folders, examples)
        written += len(packed)
    return summarize(written, "pairs", skipped)


class _Shard(NamedTuple):
    """One file: its size, the pairs in it, lines on those left out, and which files are turned.

    And, of each combination of kinds, channels and types that occurs in a pair, an example as of
    `Index`.
    """

    size: int
    good: list
    bad: list
    turned: set
    examples: dict


def _write_shard(job):
    path, groups, layout = job
    good, bad, turned, examples = [], [], set(), {}

    def write(temporary):
        with tf.io.TFRecordWriter(temporary) as writer:
            for group in groups:
                facts = list(map(inspect, group))
                # Whether what is no number stands for no data, training says.
                fault = fault_of_files(group, facts, layout, nodata=(float("nan"),))
                if fault:
                    bad.append(fault)
                    continue
                writer.write(encode([read_bytes(file) for file in group]))
                good.append(group)
                turned.update(turned_of(facts))
                kind = tuple((found.kind, found.channels, found.mode) for found in facts)
                known = tuple(found._replace(digest=None, colours=None) for found in facts)
                examples.setdefault(kind, (os.path.basename(group[0]), known))

    write_whole(path, write)
    return _Shard(os.path.getsize(path), good, bad, turned, examples)


def _write_index(folder, sizes, good, folders, examples):
    known = tuple(examples.values())
    index = Index((), good.names, good.layout, good.kinds, folders, known)
    # Last of all: a folder without it is not taken for packed data.
    write_json(os.path.join(folder, INDEX), index_content(sizes, index))
    # Of an older pack in more files, which the index names no longer.
    for path in glob.glob(os.path.join(glob.escape(folder), "pairs-*-of-*.tfrecord")):
        if os.path.basename(path) not in sizes:
            os.remove(path)
