"""Signs of life, for whoever watches several ranks."""

import tensorflow.compat.v1 as tf


class HeartbeatHook(tf.train.SessionRunHook):
    """Tells of each step; the first hook, so that no other's work counts as part of a step.

    Args:
        global_step: int64 scalar tensor, the step after the run's update.
        made: Function that is called after each run, with the step.
        rest: Function that is called at the end.
    """

    def __init__(self, global_step, made, rest):
        self._global_step = global_step
        self._made = made
        self._rest = rest

    def before_run(self, run_context):
        """Asks for the step."""
        return tf.train.SessionRunArgs(self._global_step)

    def after_run(self, run_context, run_values):
        """Tells of it."""
        self._made(run_values.results)

    def end(self, session):
        """Tells that it was the last."""
        self._rest()
