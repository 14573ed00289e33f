"""The names in a folder: which are those of pictures, and in which order."""

import os
import re

import tensorflow.compat.v1 as tf

from input_fn.decoding import KIND_OF_EXTENSION
from input_fn.errors import DataError, is_utf8, printable

EXTENSIONS = tuple(KIND_OF_EXTENSION)
_SHOWN = 5
_DIGITS = re.compile("([0-9]+)")


def require_folder(folder):
    """Refuses what is no folder.

    Raises:
        DataError: It is missing, a file, or has a name that is no UTF-8.
    """
    if not is_utf8(folder):
        raise DataError(f"{printable(folder)}: the name is no UTF-8; rename the folder")
    if not tf.io.gfile.exists(folder):
        raise DataError(f"{folder}: does not exist; name the folder of the data set")
    if not tf.io.gfile.isdir(folder):
        raise DataError(f"{folder}: is a file; name the folder that it is in")


def visible_names(folder):
    """Lists what is in a folder, in natural order; hidden files and folders are left out.

    Raises:
        DataError: The name of a picture is no UTF-8.
    """
    # TensorFlow fails on local names that are no UTF-8. Remote file systems mark subfolders by a
    # trailing slash.
    listed = tf.io.gfile.listdir(folder) if "://" in folder else os.listdir(folder)
    names = [name.rstrip("/") for name in listed if not name.startswith(".")]
    for name in names:
        if not is_utf8(name) and is_picture(name):
            path = os.path.join(folder, printable(name))
            raise DataError(f"{path}: the name is no UTF-8; rename or remove the file")
    return sorted(map(printable, names), key=natural_order)


def is_picture(name):
    """Says whether a file is one of pairs, by its name."""
    return name.lower().endswith(EXTENSIONS)


def natural_order(name):
    """Key by which 2.jpg comes before 10.jpg."""
    # Split so, text and numbers take turns: numbers have the odd places, and like is compared with
    # like. The name settles ties such as 1.jpg and 01.jpg, whatever order the disk lists them in.
    parts = _DIGITS.split(name.lower())
    parts[1::2] = [int(digits) for digits in parts[1::2]]
    return parts, name


def described(folder, names):
    """Says in a few words what a folder without pictures holds."""
    if not names:
        return "it is empty"
    folders = [name + "/" for name in names if tf.io.gfile.isdir(os.path.join(folder, name))]
    found = folders or names
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"found {', '.join(found[:_SHOWN])}{more}"


def one_of(values):
    """Writes ("a", "b", "c") as "a, b or c"."""
    return f"{', '.join(values[:-1])} or {values[-1]}"
