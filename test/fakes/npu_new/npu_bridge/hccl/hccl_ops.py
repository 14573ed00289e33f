from npu_standin import hccl_ops
from npu_standin.hccl_ops import allreduce, broadcast, receive, reduce, send

__all__ = ["allgather", "allreduce", "broadcast", "receive", "reduce", "reduce_scatter", "send"]


def allgather(tensor, rank_size, group="hccl_world_group", fusion=0, fusion_id=-1):
    return hccl_ops.allgather(tensor, rank_size, group)


def reduce_scatter(tensor, reduction, rank_size, group="hccl_world_group", fusion=0, fusion_id=-1):
    return hccl_ops.reduce_scatter(tensor, reduction, rank_size, group)
