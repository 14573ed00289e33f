"""Dropout, and the channels from the device to the host."""

import numbers

import tensorflow.compat.v1 as tf

from npu_standin.marks import marked
from npu_standin.recording import record

_QUEUES = "npu_standin_outfeeds"


def dropout(x, keep_prob, noise_shape=None, seed=None, name=None):
    """Keeps elements with the probability keep_prob, and divides them by it."""
    if tf.executing_eagerly():
        raise RuntimeError("npu_ops.dropout() is not compatible with eager execution.")
    x = tf.convert_to_tensor(x, name="x")
    if not x.dtype.is_floating:
        raise ValueError(f"x must be a floating point tensor. Got a {x.dtype} tensor instead.")
    if isinstance(keep_prob, numbers.Real) and not 0 < keep_prob <= 1:
        raise ValueError(
            "keep_prob must be a float value or a scalar tensor in the range (0, 1], "
            f"got {keep_prob:g}"
        )
    if isinstance(keep_prob, float) and keep_prob == 1.0:
        return x
    static = keep_prob if isinstance(keep_prob, numbers.Real) else None
    record("dropout", tensor=x.name, keep_prob=static, shape=x.shape.as_list(), seed=seed)
    with marked("DropOutDoMask"):
        return tf.nn.dropout(
            x, rate=1 - keep_prob, noise_shape=noise_shape, seed=seed, name=name or "DropOutDoMask"
        )


def outfeed_enqueue_op(channel_name, inputs, name=None):
    """Sends tensors to the host; every run of the operation sends once."""
    queue = _queue(
        channel_name, [tensor.dtype for tensor in inputs], [tensor.shape for tensor in inputs]
    )
    with marked("OutfeedEnqueueOp"):
        return queue.enqueue(list(inputs), name=name)


def outfeed_dequeue_op(channel_name, output_types, output_shapes, name=None):
    """Receives them, and waits for them; at the end of the channel it fails."""
    queue = _queue(channel_name, output_types, output_shapes)
    values = queue.dequeue(name=name)
    return values if isinstance(values, list) else [values]


def stop_outfeed_dequeue_op(channel_name, name=None):
    """Ends the channel once all that was sent is received."""
    return _queues()[channel_name].close(name=name)


def _queue(channel, types, shapes):
    queues = _queues()
    if channel not in queues:
        with tf.name_scope(None), tf.control_dependencies(None):
            # Without end: a loop sends K times before the host may receive once.
            queues[channel] = tf.FIFOQueue(-1, types, shapes, name=f"npu_standin/outfeed/{channel}")
    return queues[channel]


def _queues():
    if not tf.get_collection(_QUEUES):
        tf.add_to_collection(_QUEUES, {})
    return tf.get_collection(_QUEUES)[0]
