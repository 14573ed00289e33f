from npu_standin.hccl_ops import (
    allgather,
    allreduce,
    broadcast,
    receive,
    reduce,
    reduce_scatter,
    send,
)

__all__ = ["allgather", "allreduce", "broadcast", "receive", "reduce", "reduce_scatter", "send"]
