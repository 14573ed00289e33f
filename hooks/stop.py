"""Ending a training before its last step, in good order."""

import tensorflow.compat.v1 as tf


class StopHook(tf.train.SessionRunHook):
    """Ends training after the run in which that was asked for; the other hooks end as usual.

    Args:
        is_wanted: Function that says whether to end.
    """

    def __init__(self, is_wanted):
        self._is_wanted = is_wanted

    def after_run(self, run_context, run_values):
        """Asks the session to stop."""
        if self._is_wanted():
            run_context.request_stop()
