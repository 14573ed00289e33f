"""Tensors that each step sends to the host, and the function that takes them there."""

import inspect

import tensorflow.compat.v1 as tf
from tensorflow.python.util import function_utils

from npu_standin import npu_ops
from npu_standin.recording import record


def validate(name, host_call):
    """Checks (function, tensors).

    Raises:
        ValueError, TypeError, RuntimeError: As the real one; see the messages.
    """
    if not isinstance(host_call, (tuple, list)):
        raise ValueError(f"{name} should be tuple or list")
    if len(host_call) != 2:
        raise ValueError(f"{name} should have two elements.")
    function, tensors = host_call
    if not callable(function):
        raise TypeError(f"{name}[0] should be callable.")
    if not isinstance(tensors, (tuple, list, dict)):
        raise ValueError(f"{name}[1] should be tuple or list, or dict.")
    if isinstance(tensors, dict) or inspect.getfullargspec(function).varargs is not None:
        return
    taken = len(function_utils.fn_args(function))
    if len(tensors) != taken:
        raise RuntimeError(
            f"In NPUEstimatorSpec.{name}, length of tensors {len(tensors)} does not match "
            f"method args of the function, which takes {taken}."
        )


def send(host_call, mode, after, loss):
    """Builds the sending.

    Args:
        host_call: (function, tensors).
        mode: The channel's name.
        after: Operation or tensor that comes first.
        loss: Tensor.

    Returns:
        The loss, which now depends on the sending.
    """
    tensors = _as_list(host_call[1])
    record("host_call", mode=mode, tensors=[tensor.name for tensor in tensors])
    with tf.control_dependencies([after]):
        sent = npu_ops.outfeed_enqueue_op(mode, tensors)
    with tf.control_dependencies([sent]):
        return tf.identity(loss)


def receive(host_call, mode):
    """Builds the receiving, and calls the function.

    Returns:
        What the function returned, in a dict, to be run once for each step.
    """
    function, tensors = host_call
    sent = _as_list(tensors)
    values = npu_ops.outfeed_dequeue_op(
        mode, [tensor.dtype for tensor in sent], [tensor.shape for tensor in sent]
    )
    if isinstance(tensors, dict):
        operations = function(**dict(zip(tensors, values)))
    else:
        operations = function(*values)
    # Run as well, so that each run waits for values even if the function makes no use of them. Not
    # a control dependency of the function's: its summary writers are initialised before any value.
    with tf.control_dependencies(values):
        received = tf.no_op()
    return {"host_call": [operations, received]}


def _as_list(tensors):
    return list(tensors.values()) if isinstance(tensors, dict) else list(tensors)
