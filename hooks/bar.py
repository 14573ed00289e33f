"""A bar on the terminal for work that prints no lines."""

import tensorflow.compat.v1 as tf
from tqdm import tqdm


class BarHook(tf.train.SessionRunHook):
    """Shows how far an evaluation is; where the output is no terminal, nothing.

    Args:
        total: Number of runs, of a pair each.
        description: What stands before the bar.
    """

    def __init__(self, total, description):
        self._total = total
        self._description = description

    def begin(self):
        """Shows an empty bar."""
        self._bar = tqdm(
            total=self._total, desc=self._description, unit="img", leave=False, disable=None
        )

    def after_run(self, run_context, run_values):
        """Moves it on."""
        self._bar.update()

    def end(self, session):
        """Takes it away."""
        self._bar.close()
