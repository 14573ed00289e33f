"""How learning rates go on from step to step."""

import math

import tensorflow.compat.v1 as tf

CONSTANT = "constant"
_FACTOR = 0.1


def _linear(step, total, decay):
    """1, and over the last `decay` steps, at most all, down to 0 (junyanz's program)."""
    return tf.minimum(1.0, (total - step) / min(decay, total))


def _steps(step, total, decay):
    """A tenth of it after each `decay` steps."""
    del total
    return tf.pow(_FACTOR, tf.floor(step / decay))


def _cosine(step, total, decay):
    """Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, without restarts)."""
    del decay
    # Past the last step a cosine would rise again.
    return 0.5 * (1.0 + tf.cos(math.pi * tf.minimum(1.0, step / total)))


# Functions of (step, total steps, decay steps), all float32, to the factor of the learning rate.
SCHEDULES = {CONSTANT: None, "linear": _linear, "step": _steps, "cosine": _cosine}


def learning_rate_at(step, rate, objective):
    """Gives a learning rate at a step; it follows from the step alone.

    Args:
        step: int64 scalar tensor, steps made before.
        rate: The learning rate at the start.
        objective: `ObjectiveConfig`, for `schedule`, `total_steps` and `decay_steps`.

    Returns:
        The rate as a number if it is constant, else a float32 scalar of at least 0.
    """
    schedule = SCHEDULES[objective.schedule]
    if schedule is None:
        return rate
    factor = schedule(
        tf.cast(step, tf.float32), float(objective.total_steps), float(objective.decay_steps)
    )
    # A device that makes several steps in a run may go past the last one.
    return rate * tf.maximum(0.0, factor)
