"""Stops training when a loss is infinite or not a number."""

import math

import tensorflow.compat.v1 as tf


class NonFiniteLossError(RuntimeError):
    """A loss is infinite or not a number; the message is one line for the user."""


class FiniteLossHook(tf.train.SessionRunHook):
    """Looks at the losses of every run.

    Args:
        global_step: int64 scalar tensor, the step after the run's update.
        losses: Dict of the network's name to its scalar loss tensor.

    Raises:
        NonFiniteLossError: From `after_run`; names the network and the step.
    """

    def __init__(self, global_step, losses):
        self._global_step = global_step
        self._losses = losses

    def before_run(self, run_context):
        """Asks for the step and the losses."""
        return tf.train.SessionRunArgs([self._global_step, self._losses])

    def after_run(self, run_context, run_values):
        """Raises if a loss is not finite."""
        step, losses = run_values.results
        for network, loss in losses.items():
            if not math.isfinite(loss):
                raise NonFiniteLossError(
                    f"the loss of the {network} is {loss} at step {step}; try a lower "
                    "--learning_rate, from a checkpoint before this step"
                )
