"""What killed trainings leave in a run's folders."""

import os
import re

from input_fn import remove_leftovers, remove_path

# As TensorFlow names the parts of a checkpoint, and its list of checkpoints, before they are whole.
_OF_TENSORFLOW = re.compile(r"^(model\.ckpt-\d+_temp(_[0-9a-f]+)?|checkpoint\.tmp[0-9a-f]+)$")


def clear_folders(options):
    """Removes what earlier trainings had not written to its end; to be called by who has the lock.

    Args:
        options: `Options`.
    """
    for folder in {options.checkpoint_dir, options.frozen_dir}:
        if "://" not in folder:
            remove_leftovers(folder)
    if not os.path.isdir(options.checkpoint_dir):
        return
    for name in filter(_OF_TENSORFLOW.match, os.listdir(options.checkpoint_dir)):
        remove_path(os.path.join(options.checkpoint_dir, name))
