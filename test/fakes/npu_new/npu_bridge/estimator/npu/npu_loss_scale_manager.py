from npu_standin import loss_scale
from tensorflow.contrib import mixed_precision

__all__ = ["ExponentialUpdateLossScaleManager"]


class ExponentialUpdateLossScaleManager(mixed_precision.ExponentialUpdateLossScaleManager):
    def __init__(
        self,
        init_loss_scale,
        incr_every_n_steps,
        decr_every_n_nan_or_inf=2,
        incr_ratio=2,
        decr_ratio=0.8,
    ):
        loss_scale.record_manager(self, locals())
        super().__init__(
            init_loss_scale, incr_every_n_steps, decr_every_n_nan_or_inf, incr_ratio, decr_ratio
        )

    def update_loss_scale(self, finite_grads):
        return loss_scale.update_exponential_scale(self, finite_grads)
