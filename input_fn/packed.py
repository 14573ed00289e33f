"""Pairs packed into a few large files (TFRecord): many small files are slow to open and to copy."""

import json
import os
import struct
from dataclasses import asdict
from typing import FrozenSet, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.checks.facts import Facts
from input_fn.errors import DataError
from input_fn.folders import Folders

INDEX = "packed.json"
_VERSION = 1
# Of a TFRecord, in bytes: its length, a checksum of that, the content, a checksum of that.
_LENGTH, _CHECKSUM = 8, 4


class Index(NamedTuple):
    """What a packed folder holds.

    Attributes:
        files: Paths of the TFRecord files.
        names: Names of the pairs' first files, in the order in which they are packed.
        layout: As of `PairFormat`.
        kinds: For each file of a pair, the frozenset of kinds that occur, as of `Pairs`.
        folders: Which subfolders were packed, with layout "folders".
        examples: For each combination of kinds, channels and types that occurs in a pair, the name
            of a pair that has it and the `Facts` of its files; none of what older programs packed.
    """

    files: Tuple[str, ...]
    names: Tuple[str, ...]
    layout: str
    kinds: Tuple[FrozenSet[str], ...]
    folders: Folders = Folders()
    examples: Tuple[Tuple[str, Tuple[Facts, ...]], ...] = ()


def encode(contents):
    """Puts the files of a pair into a record.

    Args:
        contents: Bytes of each file.

    Returns:
        Bytes, a serialized `tf.train.Example`.
    """
    features = {
        f"file_{number}": tf.train.Feature(bytes_list=tf.train.BytesList(value=[content]))
        for number, content in enumerate(contents)
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def decode(record, numbers):
    """Takes files of a pair out of a record.

    Args:
        record: Scalar string tensor.
        numbers: Which files, counted from 0.

    Returns:
        List of scalar string tensors.
    """
    names = [f"file_{number}" for number in numbers]
    features = {name: tf.FixedLenFeature([], tf.string) for name in names}
    parsed = tf.io.parse_single_example(record, features)
    return [parsed[name] for name in names]


def read_records(files, positions):
    """Builds the dataset of some of the records of TFRecord files.

    Args:
        files: String tensor, paths of the files.
        positions: Of the records, counted from 0 over all files, in rising order.

    Returns:
        `tf.data.Dataset` of scalar strings.
    """
    last = positions[-1] + 1
    records = tf.data.TFRecordDataset(files).take(last)
    if len(positions) == last:
        return records
    is_taken = np.zeros([last], np.bool_)
    is_taken[list(positions)] = True
    # Without AutoGraph, which would translate the functions.
    as_it_is = tf.autograph.experimental.do_not_convert
    numbered = tf.data.Dataset.zip((tf.data.Dataset.from_tensor_slices(is_taken), records))
    return numbered.filter(as_it_is(lambda taken, _: taken)).map(as_it_is(lambda _, record: record))


def count_records(path):
    """Counts the records of a TFRecord file without reading what is in them."""
    size, position, count = tf.io.gfile.stat(path).length, 0, 0
    with tf.io.gfile.GFile(path, "rb") as file:
        while position + _LENGTH <= size:
            file.seek(position)
            (length,) = struct.unpack("<Q", file.read(_LENGTH))
            position += _LENGTH + _CHECKSUM + length + _CHECKSUM
            count += 1
    return count


def index_content(sizes, index):
    """Builds the content of an index.

    Args:
        sizes: Dict of file name to size in bytes.
        index: `Index`, of which `files` is not used.

    Returns:
        Dict that JSON can hold.
    """
    return {
        "version": _VERSION,
        "layout": index.layout,
        "kinds": list(map(sorted, index.kinds)),
        "folders": asdict(index.folders),
        "shards": [{"name": name, "bytes": size} for name, size in sizes.items()],
        "names": index.names,
        "examples": [
            {"name": name, "facts": [each._asdict() for each in facts]}
            for name, facts in index.examples
        ],
    }


def read_index(folder) -> Optional[Index]:
    """Reads what a packed folder holds.

    Args:
        folder: Any that `tf.io.gfile` reads.

    Returns:
        `Index`; None if the folder is not packed.

    Raises:
        DataError: The index cannot be read, or a file is missing or has another size.
    """
    path = os.path.join(folder, INDEX)
    if not tf.io.gfile.exists(path):
        return None
    try:
        with tf.io.gfile.GFile(path, "r") as file:
            index = json.loads(file.read())
        if index["version"] != _VERSION:
            raise ValueError(f"version {index['version']}")
        sizes = {os.path.join(folder, each["name"]): each["bytes"] for each in index["shards"]}
        kinds = tuple(map(frozenset, index["kinds"]))
        # Not known before there were several inputs.
        folders = index.get("folders", {})
        if folders:
            folders["inputs"] = tuple(folders["inputs"])
        examples = tuple(
            (each["name"], tuple(Facts(**facts) for facts in each["facts"]))
            for each in index.get("examples", ())
        )
        found = Index(
            tuple(sizes),
            tuple(index["names"]),
            index["layout"],
            kinds,
            Folders(**folders),
            examples,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); pack the data again") from error
    for file, expected in sizes.items():
        size = tf.io.gfile.stat(file).length if tf.io.gfile.exists(file) else None
        if size != expected:
            state = "is missing" if size is None else f"has {size} bytes instead of {expected}"
            raise DataError(f"{file}: {state}; copy it again, or pack the data again")
    return found
