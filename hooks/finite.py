"""Stops training when a loss is infinite or not a number."""

import math

import tensorflow.compat.v1 as tf


class NonFiniteLossError(RuntimeError):
    """A loss is infinite or not a number; the message is one line for the user.

    A setting in it is in backquotes, as `DataError` has them.
    """


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
                    "`learning_rate`, from a checkpoint before this step"
                )


class FiniteWeights(tf.train.CheckpointSaverListener):
    """Sees to it that no checkpoint is saved from which nothing could be trained or translated.

    A loss tells of weights that are not finite one step late, and a checkpoint may be due before.

    Raises:
        NonFiniteLossError: From `before_save`.
    """

    def begin(self):
        """Adds the question to the graph."""
        values = [variable for variable in tf.global_variables() if variable.dtype.is_floating]
        self._names = [variable.op.name for variable in values]
        self._are_finite = tf.stack([tf.reduce_all(tf.is_finite(value)) for value in values])

    def before_save(self, session, global_step_value):
        """Raises if a variable is not finite."""
        are_finite = session.run(self._are_finite)
        if not are_finite.all():
            name = self._names[int(are_finite.argmin())]
            raise NonFiniteLossError(
                f"{name} is not finite at step {global_step_value}, so no checkpoint was saved; "
                "try a lower `learning_rate`, from the last checkpoint"
            )
