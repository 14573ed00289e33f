"""NPUDistributedOptimizer, NPUOptimizer and the allreduce of gradients."""

import os

import tensorflow.compat.v1 as tf

from npu_standin import hccl_ops, loss_scale, overflow, ranks
from npu_standin.common import NPUBasics
from npu_standin.recording import record


def allreduce(tensor, average=True):
    """Stands for the mean over all ranks, which are taken to hold the same.

    Raises:
        AttributeError: There is no JOB_ID, as in the real one.
    """
    del average
    NPUBasics("").size()
    if isinstance(tensor, tf.IndexedSlices):
        size = NPUBasics("").size()
        return tf.IndexedSlices(
            hccl_ops.allgather(tensor.values, size) / tf.cast(size, tensor.values.dtype),
            hccl_ops.allgather(tensor.indices, size),
            dense_shape=tensor.dense_shape,
        )
    return hccl_ops.allreduce(tensor, "sum")


def _reduced(grads_and_vars):
    return [
        (gradient if gradient is None else allreduce(gradient), variable)
        for gradient, variable in grads_and_vars
    ]


class _Delegating(tf.train.Optimizer):
    """Answers questions about its state with those of the optimizer inside."""

    def get_slot(self, *args, **kwargs):
        return self._inner().get_slot(*args, **kwargs)

    def get_slot_names(self, *args, **kwargs):
        return self._inner().get_slot_names(*args, **kwargs)

    def variables(self, *args, **kwargs):
        return self._inner().variables(*args, **kwargs)


class NPUDistributedOptimizer(_Delegating):
    """Averages gradients over the ranks; with one rank it passes everything on."""

    def __init__(self, optimizer, is_weight_update_sharding=False, name=None):
        super().__init__(name=name or f"Distributed{type(optimizer).__name__}", use_locking=False)
        self._optimizer = optimizer
        self._is_weight_update_sharding = is_weight_update_sharding
        record("distributed_optimizer", wraps=loss_scale.wrapped_classes(optimizer))

    def _inner(self):
        return self._optimizer

    def compute_gradients(self, *args, **kwargs):
        grads_and_vars = self._optimizer.compute_gradients(*args, **kwargs)
        if ranks.rank_size() <= 1:
            return grads_and_vars
        if self._is_weight_update_sharding:
            self._check_sharding(len(grads_and_vars))
        with tf.name_scope(self._name + "_Allreduce"):
            return _reduced(grads_and_vars)

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        grads_and_vars = list(grads_and_vars)
        loss_scale.record_application(self, grads_and_vars, global_step)
        return self._optimizer.apply_gradients(grads_and_vars, global_step, name)

    def _check_sharding(self, gradients):
        if ranks.rank_size() > gradients:
            raise ValueError(
                "The number of gradients is less than rank_size, "
                "so weight_update_sharding cannot be executed"
            )
        if int(os.environ.get("DEVICE_ID", -1)) < 0:
            raise ValueError("Please set the correct RANK_ID value", os.environ.get("DEVICE_ID"))


class NPUOptimizer(loss_scale.LossScaling, _Delegating):
    """Both duties in one: averages over the ranks, then takes the loss scale out."""

    def __init__(
        self,
        opt,
        loss_scale_manager=None,
        is_distributed=False,
        is_loss_scale=False,
        is_tailing_optimization=False,
        name=None,
    ):
        if is_loss_scale and loss_scale_manager is None:
            raise ValueError("is_loss_scale is True, loss_scale_manager can not be None")
        self._opt = opt
        self._loss_scale_manager = loss_scale_manager
        self._is_distributed = is_distributed
        self._is_loss_scale = is_loss_scale
        self._is_tailing_optimization = is_tailing_optimization
        super().__init__(name=name or f"NPUOptimizer{type(opt).__name__}", use_locking=False)
        record("npu_optimizer", wraps=loss_scale.wrapped_classes(opt))

    def _inner(self):
        return self._opt

    def compute_gradients(self, loss, *args, **kwargs):
        loss = loss() if callable(loss) else loss
        scale = None
        if self._is_loss_scale:
            scale = self._loss_scale_manager.get_loss_scale()
            loss = loss * tf.cast(scale, loss.dtype.base_dtype)
        grads_and_vars = self._opt.compute_gradients(loss, *args, **kwargs)
        if self._is_distributed:
            with tf.name_scope(self._name + "_Allreduce"):
                grads_and_vars = _reduced(grads_and_vars)
        if scale is None:
            return grads_and_vars
        return loss_scale.down_scaled(overflow.with_overflow(grads_and_vars), scale)

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        if not self._is_loss_scale:
            return self._opt.apply_gradients(grads_and_vars, global_step, name)
        return super().apply_gradients(grads_and_vars, global_step, name)


def npu_allreduce(values, reduction="mean", fusion=1, fusion_id=-1, group="hccl_world_group"):
    """Reduces a tensor, or each of a list."""
    if isinstance(values, (list, tuple)):
        return [npu_allreduce(value, reduction, fusion, fusion_id, group) for value in values]
    reduction = "sum" if reduction == "mean" else reduction
    return hccl_ops.allreduce(values, reduction, fusion, fusion_id, group)


def npu_distributed_optimizer_wrapper(optimizer):
    """Changes `compute_gradients` of the very object and returns it."""
    compute_gradients = optimizer.compute_gradients

    def compute_and_reduce(*args, **kwargs):
        grads_and_vars = compute_gradients(*args, **kwargs)
        if ranks.rank_size() <= 1:
            return grads_and_vars
        with tf.name_scope("Npu_Distributed_optimizer_Allreduce"):
            return _reduced(grads_and_vars)

    optimizer.compute_gradients = compute_and_reduce
    record("distributed_optimizer", wraps=loss_scale.wrapped_classes(optimizer))
    return optimizer
