"""The pictures of a test phase, as it has written them."""

import os
from collections import namedtuple

import numpy as np
from PIL import Image

from estimator.errors import RunError

OUTPUTS = "outputs"
_BESIDE = ("inputs", "targets")

Triple = namedtuple("Triple", ["name", "input", "output", "target"])
Triple.__doc__ = """A pair and what was made of it: its name without extension, and pictures as
uint8 arrays [height, width, 1 or 3]."""


def names_of(folder):
    """Lists the pictures of a test phase, without extension, in the order of their names.

    Numbers in names count as numbers.

    Args:
        folder: With outputs/, outputs/inputs/ and outputs/targets/.
    """
    found = []
    for place, folders, files in os.walk(os.path.join(folder, OUTPUTS)):
        if os.path.samefile(place, os.path.join(folder, OUTPUTS)):
            folders[:] = [each for each in folders if each not in _BESIDE]
        relative = os.path.relpath(place, os.path.join(folder, OUTPUTS))
        found += [
            os.path.normpath(os.path.join(relative, name[: -len(".png")]))
            for name in files
            if name.endswith(".png")
        ]
    return sorted(found, key=lambda name: (len(name), name))


def read_triple(folder, name):
    """Reads one of them.

    Raises:
        RunError: A picture is missing or damaged.
    """
    inputs, targets = (os.path.join(OUTPUTS, beside) for beside in _BESIDE)
    return Triple(name, *(_read(folder, place, name) for place in (inputs, OUTPUTS, targets)))


def read_triples(folder):
    """Reads all of them, one by one: yields `Triple`s.

    Raises:
        RunError: There is none, or one is missing or damaged.
    """
    names = names_of(folder)
    if not names:
        raise RunError(f"{folder}: has no pictures in {OUTPUTS}/; remove it, and start again")
    for name in names:
        yield read_triple(folder, name)


def _read(folder, place, name):
    path = os.path.join(folder, place, f"{name}.png")
    try:
        with Image.open(path) as picture:
            grey = picture.mode in ("1", "L", "I", "I;16")
            pixels = np.asarray(picture.convert("L" if grey else "RGB"))
    except (OSError, ValueError) as error:
        raise RunError(
            f"{path}: cannot be read ({error}); remove {folder}, and start again"
        ) from None
    return pixels[..., None] if pixels.ndim == 2 else pixels
