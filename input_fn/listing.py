"""Which pairs there are: folders and splits."""

import os
import re
from typing import List, Optional

import tensorflow.compat.v1 as tf

from input_fn.decoding import KIND_OF_EXTENSION
from input_fn.errors import DataError, is_utf8, printable
from input_fn.folders import Folders, with_neighbours
from input_fn.matching import match_all, match_by_name
from input_fn.packed import read_index
from input_fn.packed_pairs import PackedPairs
from input_fn.pair_format import FOLDERS, SIDE_BY_SIDE, SINGLE
from input_fn.pairs import FilePairs, Pairs
from input_fn.weights import FOLDER as WEIGHT_FOLDER

EXTENSIONS = tuple(KIND_OF_EXTENSION)
SPLITS = ("train", "val", "test")

_SHOWN = 5
A_AND_B = Folders()


def list_pairs(
    folder: str,
    limit: Optional[int] = None,
    layout: str = SIDE_BY_SIDE,
    folders: Folders = A_AND_B,
    has_weights: bool = False,
) -> Pairs:
    """Lists the pairs of a folder.

    Args:
        folder: A folder, local or any that `tf.io.gfile` reads.
        limit: At most so many pairs, the first ones; None for all.
        layout: "side_by_side" or "single": a file directly in the folder is a pair or a photo;
            "folders": files of the same name, extension and case aside, in subfolders.
        folders: Which subfolders, with layout "folders".
        has_weights: Whether each pair has a file of weights, of the name of its first, in the
            subfolder `weights`; it is the pair's last.

    Returns:
        `Pairs`: of the .jpg, .jpeg, .png, .npy, .tif and .tiff files (in any case, hidden ones left
        out) in natural order, in which 2.jpg comes before 10.jpg; or what is packed in the folder.
        The order is the same on every machine.

    Raises:
        DataError: The folder is missing, is no folder, holds no pair, or a file has no partner in
            another subfolder.
        ValueError: `limit` is not positive.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}; it must be at least 1, or None for all files")
    _require_folder(folder)
    packed = read_index(folder)
    if packed is not None and has_weights:
        raise DataError(
            f"{folder}: is packed, without the pictures of `weights`; name the folder that was "
            "packed, or use `weights` channel"
        )
    if packed is not None:
        if packed.layout != layout:
            raise DataError(
                f"{folder}: was packed as {packed.layout}, not {layout}; use `layout` "
                f"{packed.layout}, or pack it again"
            )
        if layout == FOLDERS and packed.folders != folders:
            raise DataError(
                f"{folder}: was packed as {packed.folders.description}, not "
                f"{folders.description}; pack it again, or use the same"
            )
        return PackedPairs(
            packed.files,
            packed.names,
            layout,
            packed.kinds,
            range(len(packed.names)),
            examples=packed.examples,
        ).take(limit)
    if layout == FOLDERS:
        groups = _list_folders(folder, folders)
    else:
        groups = tuple((path,) for path in list_files(folder, layout))
    if has_weights:
        groups = _with_weights(folder, groups)
    return FilePairs(groups, layout).take(limit)


def list_files(folder: str, layout: str = SIDE_BY_SIDE) -> List[str]:
    """Lists the picture files directly in a folder; see `list_pairs`."""
    _require_folder(folder)
    names = _visible_names(folder)
    pictures = sorted(filter(_is_picture, names), key=natural_order)
    if not pictures:
        content = "photos" if layout == SINGLE else "A and B side by side"
        if {"A", "B"} <= set(names):
            raise DataError(
                f"{folder}: holds no picture, but the folders A and B; use `layout` folders"
            )
        raise DataError(
            f"{folder}: holds no picture; {_describe(folder, names)}. "
            f"Put {_one_of(EXTENSIONS)} files of {content} directly in it"
        )
    return [os.path.join(folder, name) for name in pictures]


def _list_folders(folder, folders):
    """Lists the pairs of subfolders: for each the files of the inputs, and that of the target."""
    sides = [os.path.join(folder, side) for side in folders.names]
    for side in sides:
        if not tf.io.gfile.isdir(side):
            wanted = f"{', '.join(folders.inputs)} and {folders.target}"
            raise DataError(
                f"{side}: does not exist; `layout` folders takes the pictures from {wanted} "
                f"in {folder}, {_describe(folder, _visible_names(folder))}"
            )
    names = [[os.path.basename(path) for path in list_files(side, SINGLE)] for side in sides]
    matches = match_all(names)
    if matches.lone:
        present, name, other = matches.lone[0]
        alike = [each for each in matches.lone if (each[0], each[2]) == (present, other)]
        more = f" ({len(alike) - 1} more have none)" if alike[1:] else ""
        raise DataError(
            f"{os.path.join(sides[present], name)}: has no partner of that name in "
            f"{sides[other]}{more}; add it or remove this one"
        )
    if matches.ambiguous:
        raise DataError(
            f"{os.path.join(folder, matches.ambiguous[0])}: another file differs in extension or "
            "case only; rename or remove one of them"
        )
    *inputs, targets = (
        [os.path.join(side, name) for name in listed]
        for side, listed in zip(sides, zip(*matches.rows))
    )
    try:
        series = with_neighbours(
            [names[0] for names in matches.rows], folders.neighbours, folders.group
        )
    except DataError as error:
        raise DataError(f"{sides[0]}: {error}") from None
    return tuple(
        (*(paths[place] for paths in inputs for place in places), target)
        for places, target in zip(series, targets)
    )


def _with_weights(folder, groups):
    """Adds to each pair's files that of its weights."""
    place = os.path.join(folder, WEIGHT_FOLDER)
    if not tf.io.gfile.isdir(place):
        raise DataError(
            f"{place}: does not exist; `weights` pictures takes from it a picture for each pair, "
            "black where pixels do not count"
        )
    names = [os.path.basename(group[0]) for group in groups]
    weights = [os.path.basename(path) for path in list_files(place, SINGLE)]
    matches = match_by_name(names, weights)
    if matches.ambiguous or matches.only_a:
        name, fault = (
            (matches.only_a[0], f"has no partner of that name in {place}")
            if matches.only_a
            else (matches.ambiguous[0], "another file differs in extension or case only")
        )
        raise DataError(f"{os.path.join(folder, name)}: {fault}; add, rename or remove one of them")
    partners = dict(matches.pairs)
    return tuple(
        (*group, os.path.join(place, partners[name])) for group, name in zip(groups, names)
    )


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


def _require_folder(folder):
    if not is_utf8(folder):
        raise DataError(f"{printable(folder)}: the name is no UTF-8; rename the folder")
    if not tf.io.gfile.exists(folder):
        raise DataError(f"{folder}: does not exist; name the folder of the data set")
    if not tf.io.gfile.isdir(folder):
        raise DataError(f"{folder}: is a file; name the folder that it is in")


def _visible_names(folder):
    # TensorFlow fails on local names that are no UTF-8. Remote file systems mark subfolders by a
    # trailing slash.
    listed = tf.io.gfile.listdir(folder) if "://" in folder else os.listdir(folder)
    names = [name.rstrip("/") for name in listed if not name.startswith(".")]
    for name in names:
        if not is_utf8(name) and _is_picture(name):
            path = os.path.join(folder, printable(name))
            raise DataError(f"{path}: the name is no UTF-8; rename or remove the file")
    return sorted(map(printable, names), key=natural_order)


def _is_picture(name):
    return name.lower().endswith(EXTENSIONS)


def natural_order(name):
    """Key by which 2.jpg comes before 10.jpg."""
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
