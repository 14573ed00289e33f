"""The splits of a data set: the subfolders train, val and test."""

import os

import tensorflow.compat.v1 as tf

from input_fn.errors import DataError
from input_fn.picture_names import (
    described,
    is_picture,
    one_of,
    require_folder,
    visible_names,
)

SPLITS = ("train", "val", "test")


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
        raise ValueError(f"split is {split!r}; it must be {one_of(SPLITS)}")
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
    require_folder(data_path)
    names = visible_names(data_path)
    pictures = sum(map(is_picture, names))
    if pictures:
        raise DataError(
            f"{data_path}: has no subfolder {split}, but {pictures} picture(s) of its own; "
            f"put them in {folder}"
        )
    raise DataError(
        f"{data_path}: has no subfolder {split}; {described(data_path, names)}. "
        f"Name the folder that contains {split}, or make {folder}"
    )
