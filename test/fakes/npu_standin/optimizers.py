"""NPUDistributedOptimizer: averages the gradients of all ranks."""

import tensorflow.compat.v1 as tf

from npu_standin import hccl_ops, job, loss_scale
from npu_standin.recording import record


class NPUDistributedOptimizer(tf.train.Optimizer):
    """Averages gradients over the ranks; with one rank it passes everything on."""

    def __init__(self, optimizer, is_weight_update_sharding=False, name=None):
        if is_weight_update_sharding:
            raise NotImplementedError("the stand-in does not shard the update of weights")
        super().__init__(name=name or f"Distributed{type(optimizer).__name__}", use_locking=False)
        self._optimizer = optimizer
        record("distributed_optimizer", wraps=loss_scale.wrapped_classes(optimizer))

    def compute_gradients(self, *args, **kwargs):
        grads_and_vars = self._optimizer.compute_gradients(*args, **kwargs)
        if job.rank_size() <= 1:
            return grads_and_vars
        with tf.name_scope(self._name + "_Allreduce"):
            return [
                (gradient if gradient is None else _mean(gradient), variable)
                for gradient, variable in grads_and_vars
            ]

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        grads_and_vars = list(grads_and_vars)
        loss_scale.record_application(self, grads_and_vars, global_step)
        return self._optimizer.apply_gradients(grads_and_vars, global_step, name)

    def get_slot(self, *args, **kwargs):
        return self._optimizer.get_slot(*args, **kwargs)

    def get_slot_names(self, *args, **kwargs):
        return self._optimizer.get_slot_names(*args, **kwargs)

    def variables(self, *args, **kwargs):
        return self._optimizer.variables(*args, **kwargs)


def _mean(tensor):
    """Raises AttributeError where there is no JOB_ID, as the real one does."""
    if isinstance(tensor, tf.IndexedSlices):
        raise NotImplementedError("the stand-in does not gather sparse gradients")
    size = tf.cast(job.NPUBasics().size(), tensor.dtype)
    return hccl_ops.allreduce(tensor, "sum") / size
