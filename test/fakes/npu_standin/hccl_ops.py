"""Collective operations, as if all ranks held the same: `allreduce` leaves its tensor as it is."""

import tensorflow.compat.v1 as tf

from npu_standin.marks import marked
from npu_standin.recording import record

_REDUCTIONS = ("sum", "prod", "max", "min")
_REDUCED_TYPES = (tf.int8, tf.int32, tf.float16, tf.float32)


def allreduce(tensor, reduction, fusion=1, fusion_id=-1, group="hccl_world_group"):
    tensor = tf.convert_to_tensor(tensor)
    _check_reduction(reduction, tensor)
    _record("allreduce", tensor, reduction=reduction, fusion=fusion, group=group)
    with marked("HcomAllReduce"):
        return tf.identity(tensor, name="HcomAllReduce")


def allgather(tensor, rank_size, group="hccl_world_group"):
    tensor = tf.convert_to_tensor(tensor)
    _record("allgather", tensor, rank_size=rank_size, group=group)
    with marked("HcomAllGather"):
        return tf.concat([tensor] * rank_size, axis=0, name="HcomAllGather")


def broadcast(tensor, root_rank, fusion=2, fusion_id=0, group="hccl_world_group"):
    """Takes a list and returns one."""
    if not isinstance(tensor, (list, tuple)):
        raise TypeError(f"Expected list for 'input' argument to 'HcomBroadcast' Op, not {tensor}.")
    for each in tensor:
        _record("broadcast", each, root_rank=root_rank, fusion=fusion, group=group)
    with marked("HcomBroadcast"):
        return [tf.identity(each, name="HcomBroadcast") for each in tensor]


def reduce(tensor, reduction, root_rank, fusion=0, fusion_id=-1, group="hccl_world_group"):
    tensor = tf.convert_to_tensor(tensor)
    _check_reduction(reduction, tensor)
    _record("reduce", tensor, reduction=reduction, root_rank=root_rank, group=group)
    with marked("HcomReduce"):
        return tf.identity(tensor, name="HcomReduce")


def reduce_scatter(tensor, reduction, rank_size, group="hccl_world_group"):
    tensor = tf.convert_to_tensor(tensor)
    _check_reduction(reduction, tensor)
    _record("reduce_scatter", tensor, reduction=reduction, rank_size=rank_size, group=group)
    with marked("HcomReduceScatter"):
        return tf.identity(tf.split(tensor, rank_size)[0], name="HcomReduceScatter")


def send(tensor, sr_tag, dest_rank, group="hccl_world_group"):
    _record("send", tensor, sr_tag=sr_tag, dest_rank=dest_rank, group=group)
    with marked("HcomSend"), tf.control_dependencies([tensor]):
        return tf.no_op(name="HcomSend")


def receive(shape, data_type, sr_tag, src_rank, group="hccl_world_group"):
    with marked("HcomReceive"):
        received = tf.zeros(shape, data_type, name="HcomReceive")
    _record("receive", received, sr_tag=sr_tag, src_rank=src_rank, group=group)
    return received


def _check_reduction(reduction, tensor):
    if reduction not in _REDUCTIONS:
        raise ValueError(f"reduction {reduction!r} is not in {', '.join(_REDUCTIONS)}")
    if tensor.dtype.base_dtype not in _REDUCED_TYPES:
        raise TypeError(f"{tensor.name} is {tensor.dtype.name}, which HCCL does not reduce")


def _record(operation, tensor, **arguments):
    record("hccl", operation=operation, tensor=tensor.name, **arguments)
