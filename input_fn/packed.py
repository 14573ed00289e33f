"""Pairs packed into a few large files (TFRecord): many small files are slow to open and to copy."""

import json
import os
from dataclasses import dataclass
from typing import Optional, Tuple

import tensorflow.compat.v1 as tf

from input_fn.errors import DataError

INDEX = "packed.json"
_VERSION = 1


@dataclass(frozen=True)
class Index:
    """What a packed folder holds.

    Attributes:
        shards: Paths of the TFRecord files.
        names: Names of the pairs' files (those of A), in the order in which they are packed.
        layout: As of `PairFormat`.
        kinds: For each file of a pair, the kinds that occur ("JPEG", "PNG", "NPY").
    """

    shards: Tuple[str, ...]
    names: Tuple[str, ...]
    layout: str
    kinds: Tuple[Tuple[str, ...], ...]


def encode(contents):
    """Puts the files of a pair into a record.

    Args:
        contents: Bytes of the file, or of the files of A and B.

    Returns:
        Bytes, a serialized `tf.train.Example`.
    """
    features = {
        f"file_{number}": tf.train.Feature(bytes_list=tf.train.BytesList(value=[content]))
        for number, content in enumerate(contents)
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def decode(record, files):
    """Takes the files of a pair out of a record.

    Args:
        record: Scalar string tensor.
        files: How many there are, 1 or 2.

    Returns:
        List of scalar string tensors.
    """
    names = [f"file_{number}" for number in range(files)]
    features = {name: tf.FixedLenFeature([], tf.string) for name in names}
    parsed = tf.io.parse_single_example(record, features)
    return [parsed[name] for name in names]


def index_content(shards, names, layout, kinds):
    """Builds the index of a packed folder.

    Args:
        shards: Dict of file name to size in bytes.
        names: As of `Index`; likewise `layout` and `kinds`.
        layout: See `names`.
        kinds: See `names`.

    Returns:
        Text.
    """
    content = {
        "version": _VERSION,
        "layout": layout,
        "kinds": kinds,
        "shards": [{"name": name, "bytes": size} for name, size in shards.items()],
        "names": names,
    }
    return json.dumps(content, indent=1) + "\n"


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
        shards = {os.path.join(folder, each["name"]): each["bytes"] for each in index["shards"]}
        kinds = tuple(map(tuple, index["kinds"]))
        names = tuple(index["names"])
        packed = Index(tuple(shards), names, index["layout"], kinds)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); pack the data again") from error
    for shard, size in shards.items():
        found = tf.io.gfile.stat(shard).length if tf.io.gfile.exists(shard) else None
        if found != size:
            state = "is missing" if found is None else f"has {found} bytes instead of {size}"
            raise DataError(f"{shard}: {state}; copy it again, or pack the data again")
    return packed
