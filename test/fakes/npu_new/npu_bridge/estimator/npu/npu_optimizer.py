from npu_standin.optimizers import (
    NPUDistributedOptimizer,
    NPUOptimizer,
    allreduce,
    npu_allreduce,
    npu_distributed_optimizer_wrapper,
)

__all__ = [
    "NPUDistributedOptimizer",
    "NPUOptimizer",
    "allreduce",
    "npu_allreduce",
    "npu_distributed_optimizer_wrapper",
]
