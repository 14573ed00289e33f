from npu_standin.optimizers import NPUDistributedOptimizer

__all__ = ["NPUDistributedOptimizer"]
