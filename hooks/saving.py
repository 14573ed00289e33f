"""What is to be done whenever a checkpoint is saved."""

import tensorflow.compat.v1 as tf


class CallBeforeSave(tf.train.CheckpointSaverListener):
    """Calls a function before each checkpoint, so that there is none without what that writes.

    Args:
        call: Function without arguments.
    """

    def __init__(self, call):
        self._call = call

    def before_save(self, session, global_step_value):
        """Calls it."""
        self._call()
