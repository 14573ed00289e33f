"""The small classes that NPURunConfig takes."""

import enum


class ProfilingConfig:
    def __init__(self, enable_profiling=False, profiling_options=None):
        self._enable_profiling = enable_profiling
        self._profiling_options = profiling_options


class BaseDumpConfig:
    """What the flavours' DumpConfig share."""

    def _store(self, arguments):
        for name, value in arguments.items():
            if name != "self":
                setattr(self, "_" + name, value)


class DynamicInputConfig:
    def __init__(self, input_shape, dynamic_dims, dynamic_node_type):
        self._input_shape = input_shape
        self._dynamic_dims = dynamic_dims
        self._dynamic_node_type = dynamic_node_type


class MemoryConfig:
    def __init__(
        self, atomic_clean_policy=0, static_memory_policy=0, memory_optimization_policy=None
    ):
        self._atomic_clean_policy = atomic_clean_policy
        self._static_memory_policy = static_memory_policy
        self._memory_optimization_policy = memory_optimization_policy


class GraphMemoryOptimizeConfig:
    def __init__(self, recompute=None, graph_slice=None):
        for name, value in (("recompute", recompute), ("graph_slice", graph_slice)):
            if value not in (None, "auto", "manual"):
                raise ValueError(f"{name} should be in ['auto', 'manual']")
        self._recompute = recompute
        self._graph_slice = graph_slice


class ExperimentalConfig:
    def __init__(
        self,
        logical_device_cluster_deploy_mode="LB",
        logical_device_id=None,
        model_deploy_mode=None,
        model_deploy_devicelist=None,
        graph_memory_optimize_config=None,
        enable_graph_parallel=None,
        graph_parallel_option_path=None,
        graph_compiler_cache_dir=None,
        resource_config_path=None,
        accelerate_train_mode=None,
    ):
        for name, value in list(locals().items()):
            if name != "self":
                setattr(self, "_" + name, value)
        if not isinstance(graph_memory_optimize_config, (type(None), GraphMemoryOptimizeConfig)):
            raise ValueError("graph_memory_optimize_config type must be GraphMemoryOptimizeConfig")


class NpuExecutePlacement(enum.Enum):
    ALL = "all"
    CUBE = "cube"
    VECTOR = "vector"
    TAISHAN = "taishan"
    DVPP = "dvpp"
    HOST = "host"
