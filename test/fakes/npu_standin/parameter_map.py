"""How NPURunConfig reaches the device: the parameters of a custom graph optimizer, NpuOptimizer.

The device takes no notice of a parameter in the wrong field of the proto (b, i or s), so the fields
matter as much as the values.
"""

import tensorflow.compat.v1 as tf

GRAPH_OPTIMIZERS = (
    *("pruning", "function", "constfold", "shape", "arithmetic", "loop", "dependency"),
    *("layout", "GradFusionOptimizer"),
)

# Argument to the field of the parameter of its name. Those that NPURunConfig has and that are not
# here are refused: what the device makes of them is not known to the stand-in.
ARGUMENTS = {
    "enable_data_pre_proc": "b",
    "mix_compile_mode": "b",
    "iterations_per_loop": "i",
    "hcom_parallel": "b",
    "graph_run_mode": "i",
    "precision_mode": "s",
    "modify_mixlist": "s",
    "auto_tune_mode": "s",
    "aoe_mode": "s",
    "work_path": "s",
    "op_compiler_cache_mode": "s",
    "op_compiler_cache_dir": "s",
    "deterministic": "i",
}
_DUMP = {"dump_path": "s", "dump_step": "s", "dump_mode": "s", "dump_debug_mode": "s"}


def add_npu_optimizer(config):
    """Adds the graph rewrites and NpuOptimizer to the session config, which is changed in place.

    Args:
        config: A flavour's NPURunConfig.

    Returns:
        The config; another one than was given if that had no session config.
    """
    if config.session_config is None:
        config = config.replace(session_config=tf.ConfigProto())
    rewriting = config.session_config.graph_options.rewrite_options
    rewriting.optimizers.extend(GRAPH_OPTIMIZERS)
    optimizer = rewriting.custom_optimizers.add()
    optimizer.name = "NpuOptimizer"
    parameters = optimizer.parameter_map

    def write(key, field, value):
        if value is not None:
            value = value.encode() if field == "s" else value
            setattr(parameters[key], field, value)

    for name, field in ARGUMENTS.items():
        write(name, field, config.arguments.get(name))
    if config.arguments["aoe_mode"] is not None:
        write("work_path", "s", config.arguments["work_path"] or "./")
    write("use_off_line", "b", True)
    write("min_group_size", "b", True)
    dump = config.arguments["dump_config"]
    for name, field in _DUMP.items():
        write(name, field, getattr(dump, f"_{name}", None))
    for name in ("enable_dump", "enable_dump_debug"):
        write(name, "b", getattr(dump, f"_{name}", False))
    profiling = config.arguments["profiling_config"]
    if profiling is not None:
        write("profiling_mode", "b", profiling._enable_profiling)
        write("profiling_options", "s", profiling._profiling_options)
    return config


def written(config):
    """Reads what the config's last NpuOptimizer got: {key: [field, value]}."""
    optimizers = config.session_config.graph_options.rewrite_options.custom_optimizers
    last = [each for each in optimizers if each.name == "NpuOptimizer"][-1]
    result = {}
    for key, value in sorted(last.parameter_map.items()):
        field = value.WhichOneof("value")
        content = getattr(value, field)
        result[key] = [field, content.decode() if field == "s" else content]
    return result
