from npu_standin.optimizers import NPUDistributedOptimizer, NPUOptimizer, allreduce

__all__ = ["NPUDistributedOptimizer", "NPUOptimizer", "allreduce"]
