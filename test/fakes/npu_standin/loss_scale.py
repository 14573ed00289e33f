"""What the flavours' loss scale managers and optimizers share; they differ in their bases."""

import tensorflow.compat.v1 as tf

from npu_standin import hccl_ops, job, overflow
from npu_standin.recording import record


def update_exponential_scale(manager, finite_grads):
    """The rule of ExponentialUpdateLossScaleManager.

    A number of good steps in a row makes the scale grow, a number of bad ones, in a row or not,
    makes it shrink; either sets both counts to zero.

    Args:
        manager: Has the three variables and the four constants.
        finite_grads: bool scalar.

    Returns:
        An operation. It is one `tf.cond` of the outermost scope, as in the real one: the names of
        later variables depend on that.
    """

    def reset(scale):
        return tf.group(
            tf.assign(manager._loss_scale, scale),
            tf.assign(manager._num_good_steps, 0),
            tf.assign(manager._num_bad_steps, 0),
        )

    def grow():
        scale = manager._loss_scale
        fits = tf.less(scale, 3.4e38 / manager._incr_ratio)
        return reset(tf.cond(fits, lambda: scale * manager._incr_ratio, lambda: tf.identity(scale)))

    def count_good():
        return tf.cond(
            manager._num_good_steps + 1 >= manager._incr_every_n_steps,
            grow,
            lambda: tf.group(tf.assign_add(manager._num_good_steps, 1)),
        )

    def count_bad():
        return tf.cond(
            manager._num_bad_steps + 1 >= manager._decr_every_n_nan_or_inf,
            lambda: reset(tf.maximum(1.0, manager._loss_scale * manager._decr_ratio)),
            lambda: tf.group(
                tf.assign_add(manager._num_bad_steps, 1), tf.assign(manager._num_good_steps, 0)
            ),
        )

    return tf.cond(finite_grads, count_good, count_bad)


def record_manager(manager, arguments):
    """Records the constructor's arguments, given its `locals()`."""
    given = {name: value for name, value in arguments.items() if name not in ("self", "__class__")}
    record("loss_scale_manager", **{"class": type(manager).__name__}, arguments=given)


def wrapped_classes(optimizer):
    """Lists the classes of an optimizer and of those inside it, the outermost first."""
    names = []
    while optimizer is not None:
        names.append(type(optimizer).__name__)
        optimizer = vars(optimizer).get("_opt", vars(optimizer).get("_optimizer"))
    return names


class LossScaling:
    """Computing and applying, to be mixed into a flavour's NPULossScaleOptimizer.

    Has `_opt`, `_loss_scale_manager`, `_is_distributed`.
    """

    def _record_wrapping(self):
        record(
            "loss_scale_optimizer",
            wraps=wrapped_classes(self._opt),
            manager=type(self._loss_scale_manager).__name__,
            is_distributed=self._is_distributed,
        )

    def compute_gradients(
        self,
        loss,
        var_list=None,
        gate_gradients=tf.train.Optimizer.GATE_OP,
        aggregation_method=None,
        colocate_gradients_with_ops=False,
        grad_loss=None,
    ):
        loss = loss() if callable(loss) else loss
        scale = self._loss_scale_manager.get_loss_scale()
        scaled = self._opt.compute_gradients(
            loss * tf.cast(scale, loss.dtype.base_dtype),
            var_list=var_list,
            gate_gradients=gate_gradients,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            grad_loss=grad_loss,
        )
        record_step("compute_gradients", self, scaled)
        return down_scaled(overflow.with_overflow(scaled), scale)

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        grads_and_vars = list(grads_and_vars)
        record_application(self, grads_and_vars, global_step)
        if self._is_distributed != (job.rank_size() > 1):
            # The real one says nothing: ranks would part ways, or wait for HCCL for ever.
            raise RuntimeError(
                f"is_distributed is {self._is_distributed} with a RANK_SIZE of {job.rank_size()}"
            )
        finite = self._all_finite([gradient for gradient, _ in grads_and_vars])
        update = tf.cond(
            finite,
            lambda: self._opt.apply_gradients(grads_and_vars, global_step, name),
            tf.no_op,
        )
        return tf.group(update, self._loss_scale_manager.update_loss_scale(finite))

    def _all_finite(self, gradients):
        finite = overflow.read_and_clear(
            [gradient for gradient in gradients if gradient is not None]
        )
        if self._is_distributed:
            status = tf.cast(tf.logical_not(finite), tf.int32)
            finite = tf.equal(hccl_ops.allreduce(status, "sum", fusion=0), 0)
        return finite


def down_scaled(grads_and_vars, scale):
    """Divides gradients by the scale; None stays None."""
    inverse = tf.reciprocal(scale)
    return [
        (gradient if gradient is None else gradient * tf.cast(inverse, gradient.dtype), variable)
        for gradient, variable in grads_and_vars
    ]


def record_step(event, optimizer, grads_and_vars, **details):
    """Records what an optimizer was asked to do."""
    record(
        event,
        optimizer=type(optimizer).__name__,
        label=overflow.label_of(grads_and_vars),
        variables=[variable.op.name for _, variable in grads_and_vars],
        **details,
    )


def record_application(optimizer, grads_and_vars, global_step):
    """Records that gradients are applied."""
    record_step(
        "apply_gradients",
        optimizer,
        grads_and_vars,
        advances_global_step=global_step is not None,
    )
