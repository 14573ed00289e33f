"""Which pairs there are in a folder."""

import os
from typing import List, Optional

import tensorflow.compat.v1 as tf

from input_fn.errors import DataError
from input_fn.folders import Folders, with_neighbours
from input_fn.matching import match_all, match_by_name
from input_fn.packed import read_index
from input_fn.packed_pairs import PackedPairs
from input_fn.pair_choices import FOLDERS, SIDE_BY_SIDE, SINGLE
from input_fn.pairs import FilePairs, Pairs
from input_fn.picture_names import (
    EXTENSIONS,
    described,
    is_picture,
    one_of,
    require_folder,
    visible_names,
)
from input_fn.weights import FOLDER as WEIGHT_FOLDER

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
    require_folder(folder)
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
    require_folder(folder)
    names = visible_names(folder)
    pictures = list(filter(is_picture, names))
    if not pictures:
        content = "photos" if layout == SINGLE else "A and B side by side"
        if {"A", "B"} <= set(names):
            raise DataError(
                f"{folder}: holds no picture, but the folders A and B; use `layout` folders"
            )
        raise DataError(
            f"{folder}: holds no picture; {described(folder, names)}. "
            f"Put {one_of(EXTENSIONS)} files of {content} directly in it"
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
                f"in {folder}, {described(folder, visible_names(folder))}"
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
