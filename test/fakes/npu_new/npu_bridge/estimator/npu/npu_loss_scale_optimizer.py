from npu_standin.loss_scale import LossScaling
from tensorflow.contrib import mixed_precision

__all__ = ["NPULossScaleOptimizer"]


class NPULossScaleOptimizer(LossScaling, mixed_precision.LossScaleOptimizer):
    """What it lacks itself it takes from the optimizer inside."""

    def __init__(self, opt, loss_scale_manager, is_distributed=False):
        self._is_distributed = is_distributed
        self._name = "NPULossScaleOptimizermodule"
        super().__init__(opt, loss_scale_manager)
        self._record_wrapping()

    def __getattr__(self, attr):
        return getattr(self._opt, attr)
