from npu_standin.hccl_ops import allreduce, broadcast

__all__ = ["allreduce", "broadcast"]
