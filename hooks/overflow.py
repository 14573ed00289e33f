"""Ends a training that overflows at every step."""

import tensorflow.compat.v1 as tf

from hooks.finite import NonFiniteLossError

_LIMIT = 50
_SMALLEST_SCALE = 1.0


class OverflowHook(tf.train.SessionRunHook):
    """Looks at the steps that loss scaling skips.

    That a step is skipped is well as long as the scale gets smaller and the next ones fit. With a
    fixed scale, or at the smallest, nothing would ever change.

    Args:
        scaling: Dict of network to a dict of scalar tensors `loss_scale` and `skipped_steps`.
        steps_per_run: Steps made by one `session.run`.

    Raises:
        NonFiniteLossError: From `after_run`; after 50 skipped steps in a row that did not reduce
            the scale.
    """

    def __init__(self, scaling, steps_per_run):
        self._scaling = scaling
        self._steps_per_run = steps_per_run
        self._last = {}
        self._in_a_row = dict.fromkeys(scaling, 0)

    def before_run(self, run_context):
        """Asks for the scales and the counts."""
        return tf.train.SessionRunArgs(self._scaling)

    def after_run(self, run_context, run_values):
        """Counts, and raises if that leads nowhere."""
        for network, state in run_values.results.items():
            scale, skipped = float(state["loss_scale"]), int(state["skipped_steps"])
            last_scale, last_skipped = self._last.get(network, (scale, skipped))
            self._last[network] = scale, skipped
            stuck = skipped - last_skipped >= self._steps_per_run and scale >= last_scale
            self._in_a_row[network] = self._in_a_row[network] + self._steps_per_run if stuck else 0
            if self._in_a_row[network] >= _LIMIT:
                raise NonFiniteLossError(_message(network, scale, self._in_a_row[network]))


def _message(network, scale, count):
    found = (
        f"the gradients of the {network} have overflowed {count} times in a row at the loss scale "
        f"{scale:g}"
    )
    if scale > _SMALLEST_SCALE:
        return f"{found}; use a smaller `loss_scale`, or dynamic"
    return f"{found}, the smallest; try a lower `learning_rate`, from an earlier checkpoint"
