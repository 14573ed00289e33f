"""Collective operations, on the host: each waits until all ranks have come to it.

HCCL works through one queue on each device. Here, where two waiting operations could block all
threads of a process, an `allreduce` depends on the one that was made before it in the graph.
"""

import functools

import numpy as np
import tensorflow.compat.v1 as tf

from npu_standin import exchange
from npu_standin.marks import marked
from npu_standin.recording import record

_REDUCTIONS = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}
_REDUCED_TYPES = (tf.int8, tf.int32, tf.float16, tf.float32)
_QUEUE = "npu_standin_allreduces"


def allreduce(tensor, reduction, fusion=1, fusion_id=-1, group="hccl_world_group"):
    tensor = tf.convert_to_tensor(tensor)
    if reduction not in _REDUCTIONS:
        raise ValueError(f"reduction {reduction!r} is not in {', '.join(_REDUCTIONS)}")
    if tensor.dtype.base_dtype not in _REDUCED_TYPES:
        raise TypeError(f"{tensor.name} is {tensor.dtype.name}, which HCCL does not reduce")
    arguments = {"reduction": reduction, "fusion": fusion, "fusion_id": fusion_id, "group": group}
    record("hccl", operation="allreduce", tensor=tensor.name, **arguments)
    description = _describe("allreduce", [tensor], **arguments)

    def reduce(value):
        total = functools.reduce(_REDUCTIONS[reduction], exchange.gather(description, value))
        return np.asarray(total, value.dtype)

    with marked("HcomAllReduce", fusion=f"{fusion}/{fusion_id}/{reduction}/{tensor.dtype.name}"):
        with tf.control_dependencies(tf.get_collection(_QUEUE)[-1:]):
            reduced = tf.py_func(reduce, [tensor], tensor.dtype, name="HcomAllReduce")
    tf.add_to_collection(_QUEUE, reduced.op)
    reduced.set_shape(tensor.shape)
    return reduced


def broadcast(tensor, root_rank, fusion=2, fusion_id=0, group="hccl_world_group"):
    """Takes a list and returns one: what the root holds."""
    if not isinstance(tensor, (list, tuple)):
        raise TypeError(f"Expected list for 'input' argument to 'HcomBroadcast' Op, not {tensor}.")
    tensors = [tf.convert_to_tensor(each) for each in tensor]
    arguments = {"root_rank": root_rank, "fusion": fusion, "fusion_id": fusion_id, "group": group}
    for each in tensors:
        record("hccl", operation="broadcast", tensor=each.name, **arguments)
    description = _describe("broadcast", tensors, **arguments)

    def take_roots(*values):
        return exchange.gather(description, values)[root_rank]

    with marked("HcomBroadcast"):
        received = tf.py_func(
            take_roots, tensors, [each.dtype for each in tensors], name="HcomBroadcast"
        )
    for each, like in zip(received, tensors):
        each.set_shape(like.shape)
    return received


def _describe(operation, tensors, **arguments):
    listed = ", ".join(f"{each.name} {each.dtype.name} {each.shape}" for each in tensors)
    return f"{operation} of {listed} with {arguments}"
