"""How NPURunConfig reaches the device: the parameters of a custom graph optimizer, NpuOptimizer.

The device takes no notice of a parameter in the wrong field of the proto (b, i or s), so the fields
matter as much as the values.
"""

import json
import os
from collections import namedtuple

import tensorflow.compat.v1 as tf

GRAPH_OPTIMIZERS = (
    "pruning",
    "function",
    "constfold",
    "shape",
    "arithmetic",
    "loop",
    "dependency",
    "layout",
    "GradFusionOptimizer",
)

Table = namedtuple("Table", ["always", "if_set"])
Table.__doc__ = """Parameters that are always written, and those written when they are not None.

Both are dicts of key to (field, attribute of the config, dots lead into companion configs).
"""

ALWAYS = {
    "enable_data_pre_proc": ("b", "enable_data_pre_proc"),
    "mix_compile_mode": ("b", "mix_compile_mode"),
    "iterations_per_loop": ("i", "iterations_per_loop"),
    "is_tailing_optimization": ("b", "is_tailing_optimization"),
    "hcom_parallel": ("b", "_hcom_parallel"),
    "graph_run_mode": ("i", "graph_run_mode"),
    "enable_exception_dump": ("i", "enable_exception_dump"),
    "enable_small_channel": ("i", "_enable_small_channel"),
    "enable_compress_weight": ("b", "_enable_compress_weight"),
    "hcom_multi_mode": ("b", "_hcom_multi_mode"),
    "enable_reduce_precision": ("b", "_enable_reduce_precision"),
}

IF_SET = {
    "graph_memory_max_size": ("s", "_graph_memory_max_size"),
    "variable_memory_max_size": ("s", "_variable_memory_max_size"),
    "enable_scope_fusion_passes": ("s", "enable_scope_fusion_passes"),
    "buffer_optimize": ("s", "_buffer_optimize"),
    "fusion_switch_file": ("s", "_fusion_switch_file"),
    "compress_weight_conf": ("s", "_compress_weight_conf"),
    "op_compiler_cache_mode": ("s", "_op_compiler_cache_mode"),
    "op_compiler_cache_dir": ("s", "_op_compiler_cache_dir"),
    "debug_dir": ("s", "_debug_dir"),
    "dynamic_inputs_shape_range": ("s", "_dynamic_inputs_shape_range"),
    "local_rank_id": ("i", "_local_rank_id"),
    "local_device_list": ("s", "_local_device_list"),
    "session_device_id": ("i", "_session_device_id"),
    "modify_mixlist": ("s", "_modify_mixlist"),
    "op_precision_mode": ("s", "_op_precision_mode"),
    "precision_mode": ("s", "_precision_mode"),
    "stream_max_parallel_num": ("s", "_stream_max_parallel_num"),
    "op_select_implmode": ("s", "_op_select_implmode"),
    "optypelist_for_implmode": ("s", "_optypelist_for_implmode"),
    "profiling_mode": ("b", "_profiling_config._enable_profiling"),
    "dump_path": ("s", "_dump_config._dump_path"),
    "dump_step": ("s", "_dump_config._dump_step"),
    "dump_mode": ("s", "_dump_config._dump_mode"),
    "dump_debug_mode": ("s", "_dump_config._dump_debug_mode"),
}


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
    for key, (field, attribute) in config.parameters.always.items():
        _write(parameters, key, field, _look_up(config, attribute))
    for key, (field, attribute) in config.parameters.if_set.items():
        value = _look_up(config, attribute)
        if value is not None:
            _write(parameters, key, field, value)
    _write(parameters, "use_off_line", "b", True)
    _write(parameters, "min_group_size", "b", True)
    _write_profiling_options(parameters, config)
    _write_dump_switches(parameters, config)
    _write_dynamic_input(parameters, config)
    _write_tuning(parameters, config)
    _write_task(parameters)
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


def _look_up(config, attribute):
    value = config
    for name in attribute.split("."):
        value = None if value is None else getattr(value, name)
    return value


def _write(parameters, key, field, value):
    if field == "s":
        in_bytes = key.endswith("_memory_max_size")  # These may also be given as numbers.
        value = tf.compat.as_bytes(str(value) if in_bytes else value)
    setattr(parameters[key], field, value)


def _write_profiling_options(parameters, config):
    profiling = config._profiling_config
    if profiling is None or not profiling._enable_profiling:
        return
    options = profiling._profiling_options
    if options is None:
        options = config.profiling_options_if_none()
    _write(parameters, "profiling_options", "s", options)


def _write_dump_switches(parameters, config):
    for key in ("enable_dump", "enable_dump_debug"):
        _write(parameters, key, "b", _look_up(config, f"_dump_config._{key}") or False)


def _write_dynamic_input(parameters, config):
    fields = {"input_shape": "s", "dynamic_dims": "s", "dynamic_node_type": "i"}
    values = {key: _look_up(config, f"_dynamic_input_config._{key}") for key in fields}
    if None not in values.values():
        for key, field in fields.items():
            _write(parameters, key, field, values[key])


def _write_tuning(parameters, config):
    if config._aoe_mode is None:
        return
    _write(parameters, "aoe_mode", "s", config._aoe_mode)
    _write(parameters, "work_path", "s", "./" if config._work_path is None else config._work_path)
    if config._distribute_config is not None:
        _write(parameters, "distribute_config", "s", config._distribute_config)


def _write_task(parameters):
    task = json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {})
    _write(parameters, "job", "s", task.get("type") or "localhost")
    _write(parameters, "task_index", "i", int(task.get("index", 0)) if task.get("type") else 0)
