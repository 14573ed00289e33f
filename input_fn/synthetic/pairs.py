"""Made-up pairs in the form of the facades data set, so that nothing has to be downloaded."""

import os
from typing import Sequence, Tuple, Union

import numpy as np
from PIL import Image

from input_fn.errors import DataError
from input_fn.files import write_whole
from input_fn.synthetic.layout import COLOURS, lay_out
from input_fn.synthetic.rendering import render

SMALLEST_SIDE = 32

# What tells the pictures of one split from those of another.
_SPLIT_SEEDS = {"train": 0, "val": 1}

Seed = Union[int, Sequence[int]]


def make_pair(seed: Seed, height: int = 256, width: int = 256) -> Tuple[np.ndarray, np.ndarray]:
    """Makes up a facade.

    Args:
        seed: Whole number or several, from which the pair follows.
        height: Height in pixels, at least 32.
        width: Width in pixels, at least 32.

    Returns:
        The photo and its label map, uint8 arrays [height, width, 3], RGB; the label map has the
        colours of `COLOURS`.

    Raises:
        ValueError: A side is too small.
    """
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(f"{height}x{width} is too small; sides must be at least {SMALLEST_SIDE}")
    random = np.random.RandomState(seed)
    parts = lay_out(random, height, width)
    labels = np.zeros((height, width, 3), np.uint8)
    for part in parts:
        labels[part.top : part.bottom, part.left : part.right] = COLOURS[part.kind]
    return render(parts, random, height, width), labels


def write_pairs(
    folder: str, count: int, seed: Seed = 0, height: int = 256, width: int = 256
) -> None:
    """Writes pairs as 1.jpg, 2.jpg, ...: the photo (A) in the left half, the labels (B) right.

    Files that exist are left alone, so a second call completes what an interrupted one began.
    Each file appears whole or not at all.

    Args:
        folder: Where to write; made if missing.
        count: Number of pairs.
        seed: Whole number or several; other seeds give other pairs.
        height: Height of each half in pixels.
        width: Width of each half in pixels.

    Raises:
        DataError: A file exists that has another size.
        ValueError: A side is too small.
    """
    os.makedirs(folder, exist_ok=True)
    for number in range(1, count + 1):
        write_pair(folder, number, seed, height, width)


def write_pair(
    folder: str, number: int, seed: Seed = 0, height: int = 256, width: int = 256
) -> None:
    """Writes pair `number` of `write_pairs`, unless it exists.

    Args:
        folder: Where to write; made if missing.
        number: From 1 on.
        seed: As for `write_pairs`; likewise the others.
        height: See `seed`.
        width: See `seed`.

    Raises:
        DataError: The file exists and has another size.
        ValueError: A side is too small.
    """
    path = os.path.join(folder, f"{number}.jpg")
    if os.path.exists(path):
        _require_size(path, height, width)
        return
    pair = np.concatenate(make_pair(np.append(seed, number), height, width), axis=1)
    write_whole(path, lambda whole: Image.fromarray(pair).save(whole, "JPEG", quality=95))


def write_data_set(
    folder: str, train: int, val: int, seed: int = 0, height: int = 256, width: int = 256
) -> None:
    """Writes a data set: the subfolders train and val, which have no pair in common.

    What exists is left alone and what is missing is added, as by `write_pairs`.

    Args:
        folder: Where to write; made if missing.
        train: Number of pairs to train on.
        val: Number of pairs to evaluate on.
        seed: Whole number; other seeds give other pairs.
        height: Height of each half in pixels.
        width: Width of each half in pixels.

    Raises:
        DataError: A file exists that has another size.
        ValueError: A side is too small.
    """
    for split, count in (("train", train), ("val", val)):
        write_pairs(os.path.join(folder, split), count, split_seed(seed, split), height, width)


def split_seed(seed: int, split: str) -> Tuple[int, int]:
    """Makes the seed of one split of `write_data_set`, "train" or "val"."""
    return seed, _SPLIT_SEEDS[split]


def _require_size(path, height, width):
    with Image.open(path) as picture:
        found = picture.size
    if found != (2 * width, height):
        raise DataError(
            f"{path}: exists and is {found[0]}x{found[1]} pixels (width x height) instead of "
            f"{2 * width}x{height}; remove its folder or choose another"
        )
