import tensorflow.compat.v1 as tf
from npu_standin.loss_scale import LossScaling

__all__ = ["NPULossScaleOptimizer"]


class NPULossScaleOptimizer(LossScaling, tf.train.Optimizer):
    """Asked for slots and variables, it answers with its own, of which it has none."""

    def __init__(self, opt, loss_scale_manager, is_distributed=False):
        self._opt = opt
        self._loss_scale_manager = loss_scale_manager
        self._is_distributed = is_distributed
        super().__init__(name="NPULossScaleOptimizermodule", use_locking=False)
        self._record_wrapping()
