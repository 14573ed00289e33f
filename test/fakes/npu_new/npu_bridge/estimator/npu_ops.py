from npu_standin.npu_ops import dropout

__all__ = ["dropout"]
