"""Checkpoints of TensorFlow: finding one, and the variables in it."""

import contextlib
import functools
import json
import os

import tensorflow.compat.v1 as tf

from estimator.run.checkpoints import UNREADABLE, latest_checkpoint
from input_fn import DataError, reason_of

_ENDINGS = (".index", ".meta")
_DATA = ".data-00000-of-"
_END_OF_TABLE = bytes.fromhex("57fb808b247547db")
_OPTIONS = "options.json"


def find_prefix(path):
    """Finds the checkpoint that a path names.

    Args:
        path: A folder, a checkpoint's path less extension, or one of its files.

    Returns:
        Path less extension.

    Raises:
        DataError: There is none, or the folder has several and does not say which is the newest.
    """
    if os.path.isdir(path):
        return _newest(path)
    for ending in _ENDINGS:
        if path.endswith(ending):
            path = path[: -len(ending)]
    path = path.split(_DATA)[0]
    if not os.path.exists(f"{path}.index") and not _is_of_first_form(path):
        raise DataError(
            "is neither a file of PyTorch nor a checkpoint of TensorFlow; name a .pth file, or a "
            "checkpoint's .index file"
        )
    return path


def _is_of_first_form(path):
    """Says whether a file is a checkpoint of before TensorFlow 1.0, which are single files."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - len(_END_OF_TABLE)))
        return file.read() == _END_OF_TABLE


def _newest(folder):
    # The list may name the place where the training was.
    with contextlib.suppress(tf.errors.OpError):
        listed = latest_checkpoint(folder)
        if listed is not None:
            return listed
    found = sorted(name[: -len(".index")] for name in os.listdir(folder) if name.endswith(".index"))
    if len(found) == 1:
        return os.path.join(folder, found[0])
    if found:
        raise DataError(f"has the checkpoints {', '.join(found)}; name one of them")
    files = sorted(name for name in os.listdir(folder) if name.endswith(".pth"))
    if files:
        raise DataError(f"is a folder; name one of its files, such as {files[-1]}")
    raise DataError("is a folder without a checkpoint; name a .pth file or a checkpoint")


def open_tensors(prefix):
    """Opens a checkpoint.

    Args:
        prefix: From `find_prefix`.

    Returns:
        Dict of name to `(shape, read)`, the latter a function that returns an array.

    Raises:
        DataError: It cannot be read; `read` raises it as well.
    """
    with_reason = functools.partial(_in_one_line, prefix)
    reader = with_reason(lambda: tf.train.load_checkpoint(prefix))
    return {
        name: (
            tuple(shape),
            lambda name=name: with_reason(lambda: reader.get_tensor(name)),
        )
        for name, shape in sorted(reader.get_variable_to_shape_map().items())
    }


def _in_one_line(prefix, function):
    try:
        return function()
    except UNREADABLE as error:
        reason = reason_of(error)
        raise DataError(f"{os.path.basename(prefix)} cannot be read ({reason})") from None


def options_beside(prefix):
    """Reads the options.json in a checkpoint's folder; an empty dict where there is none.

    Raises:
        DataError: It is no JSON file of options.
    """
    path = os.path.join(os.path.dirname(prefix), _OPTIONS)
    if not os.path.exists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            options = json.load(file)
    except (ValueError, RecursionError) as error:
        raise DataError(f"has an {_OPTIONS} that cannot be read ({reason_of(error)})") from None
    if not isinstance(options, dict):
        raise DataError(f"has an {_OPTIONS} that holds no options")
    return options
