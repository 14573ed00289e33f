"""Loss scaling: the policy that both devices share, and the hosts' implementation."""

from dataclasses import dataclass

import tensorflow.compat.v1 as tf


@dataclass(frozen=True)
class LossScaling:
    """How a network's loss is scaled, so that its gradients fit into float16.

    Attributes:
        initial: The scale at the start; at least 1.
        growth_interval: Steps without an overflow after which the scale grows.
        growth_ratio: Factor by which it grows; 1 keeps the scale fixed.
        backoff_ratio: Factor by which an overflow reduces it, to 1 at least; 1 keeps it fixed.
    """

    initial: float
    growth_interval: int
    growth_ratio: float
    backoff_ratio: float


def choose_loss_scaling(options, float16):
    """Picks the policy from `--loss_scale` and its companions.

    Args:
        options: `Options`.
        float16: Whether the device computes in float16; decides if `--loss_scale` is not given.

    Returns:
        `LossScaling`, or None for none.
    """
    wanted = options.loss_scale or ("dynamic" if float16 else "off")
    if wanted == "off":
        return None
    if wanted == "dynamic":
        return LossScaling(
            options.init_loss_scale,
            options.loss_scale_growth_interval,
            options.loss_scale_growth_ratio,
            options.loss_scale_backoff_ratio,
        )
    return LossScaling(wanted, options.loss_scale_growth_interval, 1.0, 1.0)


class HostLossScale(tf.train.experimental.DynamicLossScale):
    """A loss scale by the rules of Ascend's ExponentialUpdateLossScaleManager.

    A step whose gradients are not finite is skipped and counted.

    Args:
        scaling: `LossScaling`.
    """

    def __init__(self, scaling):
        super().__init__(scaling.initial, scaling.growth_interval, scaling.growth_ratio)
        self._scaling = scaling
        self._skipped_steps = self._add_weight("skipped_steps", 0, tf.int64)

    @property
    def skipped_steps(self):
        """The variable that counts skipped steps, int64."""
        return self._skipped_steps

    @property
    def current(self):
        """The variable that holds the scale, float32."""
        return self._current_loss_scale

    def update(self, grads):
        """Builds the update for a step's gradients.

        Where several ranks train together, a step that overflows on one is skipped by all: the
        exchange of gradients is part of what is skipped, and a rank alone would wait in it.

        Args:
            grads: List of tensors, unscaled; None among them is left out.

        Returns:
            The update op, and a bool tensor that says whether to apply the gradients.
        """
        finite = _all_finite([grad for grad in grads if grad is not None])
        scale, good_steps = self._current_loss_scale, self._num_good_steps

        def after_finite():
            grows = good_steps + 1 >= self._scaling.growth_interval
            grown = scale * self._scaling.growth_ratio
            grown = tf.where(tf.is_finite(grown), grown, scale.read_value())
            return (
                tf.where(grows, grown, scale.read_value()),
                tf.where(grows, tf.zeros_like(good_steps), good_steps + 1),
            )

        def after_overflow():
            reduced = tf.maximum(1.0, scale * self._scaling.backoff_ratio)
            return reduced, tf.zeros_like(good_steps)

        new_scale, new_good_steps = tf.cond(finite, after_finite, after_overflow)
        skipped = tf.cast(tf.logical_not(finite), tf.int64)
        update = tf.group(
            scale.assign(new_scale),
            good_steps.assign(new_good_steps),
            self._skipped_steps.assign_add(skipped),
        )
        return update, finite


def _all_finite(grads):
    """Whether the gradients are finite, here and on all other ranks; a bool tensor."""

    def own(grads):
        finite = tf.reduce_all([tf.reduce_all(tf.is_finite(grad)) for grad in grads])
        # A number, since truth values cannot be exchanged.
        return tf.cast(finite, tf.float32)

    if not tf.distribute.has_strategy():
        return own(grads) > 0.0
    strategy = tf.distribute.get_strategy()
    count = strategy.extended.call_for_each_replica(own, args=(grads,))
    total = strategy.reduce(tf.distribute.ReduceOp.SUM, count, axis=None)
    return tf.equal(total, tf.cast(strategy.num_replicas_in_sync, tf.float32))
