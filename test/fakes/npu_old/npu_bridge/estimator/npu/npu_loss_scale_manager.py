import abc

import tensorflow.compat.v1 as tf
from npu_standin import loss_scale

__all__ = ["ExponentialUpdateLossScaleManager", "LossScaleManager"]


class LossScaleManager(abc.ABC):
    @abc.abstractmethod
    def get_loss_scale(self):
        pass

    @abc.abstractmethod
    def update_loss_scale(self, finite_grads):
        pass


class ExponentialUpdateLossScaleManager(LossScaleManager):
    def __init__(
        self,
        init_loss_scale,
        incr_every_n_steps,
        decr_every_n_nan_or_inf=2,
        incr_ratio=2,
        decr_ratio=0.8,
    ):
        loss_scale.record_manager(self, locals())
        self._incr_every_n_steps = incr_every_n_steps
        self._decr_every_n_nan_or_inf = decr_every_n_nan_or_inf
        self._incr_ratio = incr_ratio
        self._decr_ratio = decr_ratio
        self._loss_scale = _variable("loss_scale", init_loss_scale, tf.float32)
        self._num_good_steps = _variable("good_steps", 0, tf.int32)
        self._num_bad_steps = _variable("bad_steps", 0, tf.int32)

    def get_loss_scale(self):
        return self._loss_scale

    def update_loss_scale(self, finite_grads):
        return loss_scale.update_exponential_scale(self, finite_grads)


def _variable(name, value, dtype):
    return tf.Variable(tf.convert_to_tensor(value, dtype), trainable=False, name=name)
