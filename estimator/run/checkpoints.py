"""The checkpoints of a folder: which is the newest, and whether it can be gone on from."""

import glob
import os
import re

import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from input_fn import reason_of, write_bytes

_NAME = re.compile(r"^model\.ckpt-(\d+)\.index$")
LIST_FILE = "checkpoint"
# What reading a damaged checkpoint raises; TensorFlow 2 has IndexError for one that is cut off.
UNREADABLE = (tf.errors.OpError, ValueError, RuntimeError, LookupError)


def latest_checkpoint(folder):
    """Finds the path of a folder's newest checkpoint, less extension; None where there is none."""
    try:
        return tf.train.latest_checkpoint(folder)
    except ValueError:  # The list of checkpoints is empty or no list.
        return None


def settle_checkpoints(folder):
    """Makes sure that training goes on from the newest checkpoint, and that this is whole.

    TensorFlow finds it by a list. Where that is missing or damaged, or names files that are gone,
    it would begin anew and write over what is there; so the list is made again, of the files.

    Args:
        folder: The checkpoint folder; it need not exist.

    Raises:
        OptionsError: The newest checkpoint cannot be read.
    """
    if "://" in folder or not os.path.isdir(folder):
        return
    prefixes = [prefix for _, prefix in kept_checkpoints(folder)]
    listed = latest_checkpoint(folder)
    if listed is None and prefixes:
        write_list(folder, [os.path.basename(each) for each in prefixes])
        listed = prefixes[-1]
        print(
            f"{folder}: the newest checkpoint was gone, or the list of them; going on from "
            f"{os.path.basename(listed)}"
        )
    fault = None if listed is None else _fault_of(listed)
    if fault is not None:
        before = [each for each in prefixes if each != listed]
        remedy = "use another --checkpoint_dir"
        if before:
            remedy = f"delete {listed}.* to go on from {os.path.basename(before[-1])}"
        raise OptionsError(f"{listed}: cannot be read ({fault}); {remedy}")


def write_list(folder, names):
    """Writes the list by which TensorFlow finds the checkpoints of a folder.

    Args:
        folder: The folder.
        names: Of the checkpoints in it, less extension, the newest last.

    Raises:
        OSError: It cannot be written.
    """
    lines = [f'model_checkpoint_path: "{names[-1]}"']
    lines += [f'all_model_checkpoint_paths: "{name}"' for name in names]
    write_bytes(os.path.join(folder, LIST_FILE), ("\n".join(lines) + "\n").encode())


def step_of(path):
    """Reads the step from a checkpoint's path."""
    return int(path.rsplit("-", 1)[1])


def kept_checkpoints(folder):
    """Lists the checkpoints whose files are there.

    Args:
        folder: The folder; it need not exist.

    Returns:
        List of (step, path less extension), the oldest first.
    """
    found = []
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        match = _NAME.match(name)
        prefix = os.path.join(folder, name[: -len(".index")])
        if match and glob.glob(glob.escape(prefix) + ".data-*"):
            found.append((int(match.group(1)), prefix))
    return sorted(found)


def _fault_of(prefix):
    """Reads all of a checkpoint, which has checksums; says what is wrong with it, or None."""
    try:
        reader = tf.train.load_checkpoint(prefix)
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except UNREADABLE as error:
        return reason_of(error)
    return None
