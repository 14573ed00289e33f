"""The folder of an import: a checkpoint and its options, whole or not at all."""

import os
import shutil

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.run.checkpoints import LIST_FILE, write_list
from estimator.run.lock import FolderLock
from estimator.run.stored_run import OPTIONS_FILE, write_imported_options
from input_fn import partial_path, remove_leftovers


def require_free(folder):
    """Refuses a folder that holds a run.

    Raises:
        OptionsError: It does, or is a file.
    """
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise OptionsError(f"--checkpoint_dir {folder}: is a file; name a new folder")
    held = _files_of_run(folder) if os.path.isdir(folder) else []
    if held:
        raise OptionsError(
            f"--checkpoint_dir {folder}: holds a run already ({held[0]}); name a new folder"
        )


def write_run(options, network, source):
    """Writes what predict.py, export.py and the test phase take for a run.

    Args:
        options: `Options`, with the folder to write to.
        network: `ImportedNetwork`.
        source: What it was imported from, for options.json.

    Raises:
        OptionsError: The folder holds a run.
        OSError: A file cannot be written; then there is no run in the folder.
    """
    folder = options.checkpoint_dir
    is_new = not os.path.isdir(folder)
    with FolderLock() as lock:
        lock.take(folder)
        require_free(folder)
        remove_leftovers(folder)
        workplace = partial_path(os.path.join(folder, "import"))
        try:
            os.makedirs(workplace)
            name = f"model.ckpt-{network.step}"
            _save(os.path.join(workplace, name), network)
            for file in sorted(os.listdir(workplace)):
                os.replace(os.path.join(workplace, file), os.path.join(folder, file))
            write_imported_options(options, f"{network.origin}, from {source}")
            # The last: what has no list is no run.
            write_list(folder, [name])
        except BaseException:
            _undo(folder, is_new)
            raise
        finally:
            shutil.rmtree(workplace, ignore_errors=True)


def _save(prefix, network):
    values = {**network.variables, "global_step": np.int64(network.step)}
    with tf.Graph().as_default(), tf.Session(config=_on_cpu()) as session:
        # Fed, since a graph's constants may have two gigabytes at most.
        ends = [tf.placeholder(value.dtype, value.shape) for value in values.values()]
        save = tf.raw_ops.SaveV2(
            prefix=prefix,
            tensor_names=list(values),
            shape_and_slices=[""] * len(values),
            tensors=ends,
        )
        session.run(save, dict(zip(ends, values.values())))


def _on_cpu():
    return tf.ConfigProto(device_count={"GPU": 0})


def _undo(folder, is_new):
    for name in _files_of_run(folder):
        os.remove(os.path.join(folder, name))
    if is_new:
        shutil.rmtree(folder, ignore_errors=True)


def _files_of_run(folder):
    return sorted(
        name
        for name in os.listdir(folder)
        if name in (OPTIONS_FILE, LIST_FILE) or name.startswith("model.ckpt")
    )
