import tensorflow.compat.v1 as tf
from npu_standin import loss_scale
from tensorflow.contrib import mixed_precision

__all__ = ["ExponentialUpdateLossScaleManager", "FixedLossScaleManager"]

record_manager = loss_scale.record_manager  # Below, an argument has the module's name.


class FixedLossScaleManager(mixed_precision.FixedLossScaleManager):
    def __init__(self, loss_scale, enable_overflow_check=True):
        record_manager(self, locals())
        super().__init__(loss_scale)
        self._loss_scale = tf.convert_to_tensor(loss_scale, dtype=tf.float32, name="loss_scale")
        self._enable_overflow_check = enable_overflow_check

    def get_enable_overflow_check(self):
        return self._enable_overflow_check


class ExponentialUpdateLossScaleManager(mixed_precision.ExponentialUpdateLossScaleManager):
    def __init__(
        self,
        init_loss_scale,
        incr_every_n_steps,
        decr_every_n_nan_or_inf=2,
        incr_ratio=2,
        decr_ratio=0.8,
    ):
        record_manager(self, locals())
        super().__init__(
            init_loss_scale, incr_every_n_steps, decr_every_n_nan_or_inf, incr_ratio, decr_ratio
        )

    def update_loss_scale(self, finite_grads):
        return loss_scale.update_exponential_scale(self, finite_grads)
