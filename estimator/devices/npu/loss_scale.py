"""The vendor's dynamic loss scale, with a count of the steps that were skipped."""

import tensorflow.compat.v1 as tf

from estimator.devices.npu.loading import load


def counting_manager(scaling):
    """Makes the vendor's manager, with a count of the steps that overflowed.

    Args:
        scaling: `LossScaling`.

    Returns:
        An ExponentialUpdateLossScaleManager, whose `skipped_steps` is an int64 variable. Variables
        are made in the present variable scope.
    """
    vendor = load("npu_bridge.estimator.npu.npu_loss_scale_manager")

    class CountingManager(vendor.ExponentialUpdateLossScaleManager):
        def __init__(self):
            super().__init__(
                init_loss_scale=scaling.initial,
                incr_every_n_steps=scaling.growth_interval,
                decr_every_n_nan_or_inf=1,
                incr_ratio=scaling.growth_ratio,
                decr_ratio=scaling.backoff_ratio,
            )
            self.skipped_steps = tf.get_variable(
                "skipped_steps", [], tf.int64, tf.zeros_initializer(), trainable=False
            )

        def update_loss_scale(self, finite_grads):
            skipped = tf.cast(tf.logical_not(finite_grads), tf.int64)
            count = self.skipped_steps.assign_add(skipped)
            return tf.group(super().update_loss_scale(finite_grads), count)

    return CountingManager()
