"""Gradients that overflow when a test says so.

`NPU_STANDIN_OVERFLOW`, or `inject` within a process, names them: "discriminator:3,generator:5"
makes the discriminator's gradients infinite in step 3 and the generator's in step 5, and
"generator:5@1" does so on rank 1 alone. An optimizer is known by the first part of the names of its
variables. Step n is the one that would take the
global step from n - 1 to n; if an overflow keeps it from getting there, the step is tried again,
and the gradients are not infinite a second time.

The device raises one flag for whatever overflows on it, in whoever's gradients, and the flag stays
until it is read and cleared. So does this one: two optimizers that are not in order get each
other's overflows.
"""

import os

import tensorflow.compat.v1 as tf

from npu_standin import job
from npu_standin.recording import record

_FLAG = "npu_standin_overflow_flag"
_LABELS = "npu_standin_optimizer_labels"
_injected = None


def inject(text):
    """Says where overflows are to be, in place of the environment; None goes back to that."""
    global _injected
    _injected = text


def label_of(grads_and_vars):
    """Names the optimizer of these variables."""
    return grads_and_vars[0][1].op.name.split("/")[0] if grads_and_vars else ""


def with_overflow(grads_and_vars):
    """Makes one gradient infinite in the steps wanted, and raises the flag.

    Args:
        grads_and_vars: List of (gradient or None, variable).

    Returns:
        A list like it.
    """
    label = label_of(grads_and_vars)
    tf.add_to_collection(_LABELS, label)
    if label not in _wanted():
        return grads_and_vars
    steps = [step for step, rank in _wanted()[label] if rank in (None, job.rank_id())]
    record("overflow", label=label, steps=steps)
    global_step = tf.train.get_global_step()
    if global_step is None:
        raise ValueError("an overflow in a certain step needs a global step")
    position = next(i for i, (gradient, _) in enumerate(grads_and_vars) if gradient is not None)
    gradient, variable = grads_and_vars[position]
    with tf.name_scope(None), tf.name_scope("npu_standin/overflow/"):
        done = _local_variable(f"{label}_done", lambda: tf.zeros([len(steps)], tf.bool))
        due = tf.equal(
            global_step.read_value() + 1, tf.constant(steps, tf.int64, shape=[len(steps)])
        )
        before = done.read_value()
        now = tf.reduce_any(tf.logical_and(due, tf.logical_not(before)))
        flag = _flag()
        with tf.control_dependencies([before]):
            marked = done.assign(tf.logical_or(before, due))
        raised = flag.assign_add(tf.cast(now, tf.int32))
        with tf.control_dependencies([marked, raised]):
            spoilt = tf.where(now, tf.fill(tf.shape(gradient), float("inf")), gradient)
    result = list(grads_and_vars)
    result[position] = (tf.reshape(spoilt, gradient.shape), variable)
    return result


def read_and_clear(gradients):
    """Builds the check of an optimizer: True unless a gradient is not finite or the flag is up.

    Args:
        gradients: List of tensors, without None.

    Returns:
        bool scalar, named as the real one is.
    """
    finite = [tf.reduce_all(tf.is_finite(_values(gradient))) for gradient in gradients]
    if _wanted():
        with tf.control_dependencies(finite):
            status = tf.identity(_flag().read_value())
        with tf.control_dependencies([status]):
            cleared = _flag().assign(0)
        with tf.control_dependencies([cleared]):
            finite.append(tf.equal(status, 0))
    return tf.reduce_all(tf.stack(finite), name="overflow_status_reduce_all")


def check_labels():
    """To be called when the graph is built.

    Raises:
        ValueError: An overflow is wanted of an optimizer that there is not.
    """
    unknown = set(_wanted()) - set(tf.get_collection(_LABELS))
    if unknown:
        raise ValueError(
            f"overflow is wanted of {sorted(unknown)}; the loss-scaled optimizers are "
            f"{sorted(set(tf.get_collection(_LABELS)))}"
        )


def _wanted():
    """Reads {label: [(step, rank or None)]}, alike on all ranks, as their graphs have to be."""
    text = os.environ.get("NPU_STANDIN_OVERFLOW", "") if _injected is None else _injected
    wanted = {}
    for part in filter(None, text.split(",")):
        label, step = part.split(":")
        step, _, rank = step.partition("@")
        wanted.setdefault(label.strip(), []).append((int(step), int(rank) if rank else None))
    return wanted


def _flag():
    """The device's flag, one per graph."""
    if not tf.get_collection(_FLAG):
        with tf.name_scope(None):
            variable = _local_variable("npu_standin/overflow/flag", lambda: tf.zeros([], tf.int32))
        tf.add_to_collection(_FLAG, variable)
    return tf.get_collection(_FLAG)[0]


def _local_variable(name, initial_value):
    """Makes a variable that no checkpoint holds; a function as value keeps it out of conditions."""
    return tf.Variable(
        initial_value,
        trainable=False,
        collections=[tf.GraphKeys.LOCAL_VARIABLES],
        name=name,
        use_resource=True,
    )


def _values(gradient):
    return gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
