"""Which files there are: folders, splits, shards."""

import os
import re
from typing import List, Optional, Sequence

import tensorflow.compat.v1 as tf

from input_fn.errors import DataError

EXTENSIONS = (".jpg", ".jpeg", ".png")
SPLITS = ("train", "val", "test")

_SHOWN = 5


def list_pairs(folder: str, limit: Optional[int] = None) -> List[str]:
    """Lists the picture files directly in a folder.

    Args:
        folder: A folder, local or any that `tf.io.gfile` reads.
        limit: At most so many files, the first ones; None for all.

    Returns:
        Paths of the .jpg, .jpeg and .png files (in any case, hidden ones left out) in natural
        order, in which 2.jpg comes before 10.jpg. The order is the same on every machine.

    Raises:
        DataError: The folder is missing, is no folder, or holds no picture.
        ValueError: `limit` is not positive.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}; it must be at least 1, or None for all files")
    _require_folder(folder)
    names = _visible_names(folder)
    pictures = sorted(filter(_is_picture, names), key=_natural_order)
    if not pictures:
        raise DataError(
            f"{folder}: holds no picture; {_describe(folder, names)}. "
            f"Put {_one_of(EXTENSIONS)} files of A and B side by side directly in it"
        )
    return [os.path.join(folder, name) for name in pictures[:limit]]


def has_split(data_path: str, split: str) -> bool:
    """Says whether the data set has a folder for a split.

    Args:
        data_path: The folder of the data set.
        split: "train", "val" or "test".

    Returns:
        Whether `data_path` has a subfolder of that name.

    Raises:
        ValueError: `split` is none of the three.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; it must be {_one_of(SPLITS)}")
    return tf.io.gfile.isdir(os.path.join(data_path, split))


def find_split(data_path: str, split: str) -> str:
    """Finds the folder of a split.

    Args:
        data_path: The folder of the data set.
        split: "train", "val" or "test".

    Returns:
        The path of the subfolder.

    Raises:
        DataError: The data set or the subfolder is missing; the message says what is there.
        ValueError: `split` is none of the three.
    """
    folder = os.path.join(data_path, split)
    if has_split(data_path, split):
        return folder
    _require_folder(data_path)
    names = _visible_names(data_path)
    pictures = sum(map(_is_picture, names))
    if pictures:
        raise DataError(
            f"{data_path}: has no subfolder {split}, but {pictures} picture(s) of its own; "
            f"put them in {folder}"
        )
    raise DataError(
        f"{data_path}: has no subfolder {split}; {_describe(data_path, names)}. "
        f"Name the folder that contains {split}, or make {folder}"
    )


def shard(paths: Sequence[str], rank: int, size: int) -> List[str]:
    """Takes one rank's files: every size-th, from the rank-th on.

    Over all ranks the shards have every file exactly once, and their lengths differ by one at
    most.

    Args:
        paths: All files, in the same order on each rank.
        rank: 0 <= rank < size.
        size: Number of ranks.

    Returns:
        The rank's files.

    Raises:
        DataError: There are fewer files than ranks.
        ValueError: `rank` is not in range.
    """
    if not 0 <= rank < size:
        raise ValueError(f"rank is {rank} of {size}; it must be at least 0 and below the number")
    if len(paths) < size:
        where = f"{os.path.dirname(paths[0])}: " if paths else ""
        raise DataError(
            f"{where}{len(paths)} picture file(s) cannot be shared among {size} device(s); "
            f"at least {size} are needed, or fewer devices"
        )
    return list(paths[rank::size])


def _require_folder(folder):
    if not tf.io.gfile.exists(folder):
        raise DataError(f"{folder}: does not exist; name the folder of the data set")
    if not tf.io.gfile.isdir(folder):
        raise DataError(f"{folder}: is a file; name the folder that it is in")


def _visible_names(folder):
    # Remote file systems mark subfolders by a trailing slash; local ones do not.
    names = (name.rstrip("/") for name in tf.io.gfile.listdir(folder))
    return sorted((name for name in names if not name.startswith(".")), key=_natural_order)


def _is_picture(name):
    return name.lower().endswith(EXTENSIONS)


def _natural_order(name):
    # Split so, text and numbers take turns: numbers have the odd places, and like is compared with
    # like. The name settles ties such as 1.jpg and 01.jpg, whatever order the disk lists them in.
    parts = re.split("([0-9]+)", name.lower())
    parts[1::2] = [int(digits) for digits in parts[1::2]]
    return parts, name


def _describe(folder, names):
    """Says in a few words what a folder without pictures holds."""
    if not names:
        return "it is empty"
    folders = [name + "/" for name in names if tf.io.gfile.isdir(os.path.join(folder, name))]
    found = folders or names
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"found {', '.join(found[:_SHOWN])}{more}"


def _one_of(values):
    return f"{', '.join(values[:-1])} or {values[-1]}"
