"""What the reference says of the real thing, as literal tables."""


def _words(text):
    return text.split()


OLD_RUN_CONFIG = _words(
    """
    iterations_per_loop=1 profiling_config=None model_dir=None tf_random_seed=None
    save_summary_steps=0 save_checkpoints_steps=None save_checkpoints_secs=None
    session_config=None keep_checkpoint_max=5 keep_checkpoint_every_n_hours=10000
    log_step_count_steps=100 distribute=None enable_data_pre_proc=True precision_mode=None
    enable_reduce_precision=False variable_format_optimize=True mix_compile_mode=False
    hcom_parallel=False graph_memory_max_size=None variable_memory_max_size=None
    auto_tune_mode=None dump_config=None stream_max_parallel_num=None
    is_tailing_optimization=False horovod_mode=False graph_run_mode=1 op_debug_level=0
    enable_scope_fusion_passes=None enable_exception_dump=0 op_select_implmode=None
    optypelist_for_implmode=None dynamic_input_config=None aoe_mode=None work_path=None
    buffer_optimize='l2_optimize' enable_small_channel=0 fusion_switch_file=None
    enable_compress_weight=False compress_weight_conf=None op_compiler_cache_mode=None
    op_compiler_cache_dir=None debug_dir=None hcom_multi_mode=False dynamic_input=False
    dynamic_graph_execute_mode='dynamic_execute' dynamic_inputs_shape_range=None
    train_distribute=None eval_distribute=None local_rank_id=None local_device_list=None
    session_device_id=None distribute_config=None modify_mixlist=None op_precision_mode=None
    """
)

NEW_RUN_CONFIG = _words(
    """
    iterations_per_loop=1 profiling_config=None model_dir=None tf_random_seed=None
    save_summary_steps=0 save_checkpoints_steps=None save_checkpoints_secs=None
    session_config=None keep_checkpoint_max=5 keep_checkpoint_every_n_hours=10000
    log_step_count_steps=100 distribute=None enable_data_pre_proc=True precision_mode=None
    enable_reduce_precision=False variable_format_optimize=None mix_compile_mode=False
    hcom_parallel=True graph_memory_max_size=None variable_memory_max_size=None dump_config=None
    stream_max_parallel_num=None is_tailing_optimization=False horovod_mode=False graph_run_mode=1
    op_debug_level=None enable_scope_fusion_passes=None enable_exception_dump=2
    op_select_implmode=None optypelist_for_implmode=None dynamic_input_config=None aoe_mode=None
    work_path=None buffer_optimize='l2_optimize' enable_small_channel=0 fusion_switch_file=None
    enable_compress_weight=False compress_weight_conf=None op_compiler_cache_mode=None
    op_compiler_cache_dir=None debug_dir=None hcom_multi_mode=False dynamic_input=None
    dynamic_graph_execute_mode='dynamic_execute' dynamic_inputs_shape_range=None
    train_distribute=None eval_distribute=None local_rank_id=None local_device_list=None
    session_device_id=None distribute_config=None modify_mixlist=None op_precision_mode=None
    device_type='default_device_type' soc_config=None hccl_timeout=None op_wait_timeout=None
    op_execute_timeout=None HCCL_algorithm=None customize_dtypes=None op_debug_config=None
    memory_config=None experimental_config=None topo_sorting_mode=None aoe_config_file=None
    insert_op_file=None stream_sync_timeout=-1 event_sync_timeout=-1 external_weight=False
    es_cluster_config=None deterministic=0 frozen_variable=False variable_placement='Device'
    jit_compile='auto' precision_mode_v2=None ac_parallel_enable=None
    """
)

RUN_CONFIG = {"old": OLD_RUN_CONFIG, "new": NEW_RUN_CONFIG}

_SPEC = (
    "(mode, predictions=None, loss=None, train_op=None, eval_metric_ops=None, "
    "export_outputs=None, training_chief_hooks=None, training_hooks=None, scaffold=None, "
    "evaluation_hooks=None, prediction_hooks=None, host_call=None)"
)
_WORLD = "group='hccl_world_group'"

SIGNATURES = {
    "ProfilingConfig": "(enable_profiling=False, profiling_options=None)",
    "DynamicInputConfig": "(input_shape, dynamic_dims, dynamic_node_type)",
    "NPUEstimator": (
        "(model_fn=None, model_dir=None, config=None, params=None, job_start_file='', "
        "warm_start_from=None)"
    ),
    "NPUEstimatorSpec": _SPEC,
    "FixedLossScaleManager": "(loss_scale, enable_overflow_check=True)",
    "ExponentialUpdateLossScaleManager": (
        "(init_loss_scale, incr_every_n_steps, decr_every_n_nan_or_inf=2, incr_ratio=2, "
        "decr_ratio=0.8)"
    ),
    "NPULossScaleOptimizer": "(opt, loss_scale_manager, is_distributed=False)",
    "NPUOptimizer": (
        "(opt, loss_scale_manager=None, is_distributed=False, is_loss_scale=False, "
        "is_tailing_optimization=False, name=None)"
    ),
    "NPUDistributedOptimizer": "(optimizer, is_weight_update_sharding=False, name=None)",
    "NPUBroadcastGlobalVariablesHook": "(root_rank=None, index=None)",
    "NPUCheckpointSaverHook": (
        "(checkpoint_dir, save_secs=None, save_steps=None, saver=None, "
        "checkpoint_basename='model.ckpt', scaffold=None, listeners=None)"
    ),
    "NPUOutputTensorHook": ("(tensors, dependencies=None, output_fn=None, output_every_n_steps=0)"),
    "NPUShutDownHook": "(scaffold=None)",
    "SetIterationsVarHook": "(iterations_per_loop=None)",
    "NPUBasics": "(file_name)",
    "set_iteration_per_loop": "(sess, train_op, iterations_per_loop=1)",
    "npu_weight_prefetch_scope": "(buffer_pool_id=0, buffer_pool_size=536870912)",
    "dropout": "(x, keep_prob, noise_shape=None, seed=None, name=None)",
    "initialize_system": "(name=None)",
    "shutdown_system": "(name=None)",
    "outfeed_enqueue_op": "(channel_name, inputs, name=None)",
    "outfeed_dequeue_op": "(channel_name, output_types, output_shapes, name=None)",
    "stop_outfeed_dequeue_op": "(channel_name, name=None)",
    "hccl_ops.allreduce": f"(tensor, reduction, fusion=1, fusion_id=-1, {_WORLD})",
    "hccl_ops.broadcast": f"(tensor, root_rank, fusion=2, fusion_id=0, {_WORLD})",
    "hccl_ops.reduce": f"(tensor, reduction, root_rank, fusion=0, fusion_id=-1, {_WORLD})",
    "hccl_ops.send": f"(tensor, sr_tag, dest_rank, {_WORLD})",
    "hccl_ops.receive": f"(shape, data_type, sr_tag, src_rank, {_WORLD})",
    "npu_optimizer.allreduce": "(tensor, average=True)",
    "get_rank_size": f"({_WORLD})",
    "get_rank_id": f"({_WORLD})",
    "get_local_rank_size": f"({_WORLD})",
    "get_local_rank_id": f"({_WORLD})",
    "create_group": "(group, rank_num, rank_ids)",
    "destroy_group": "(group)",
    "get_world_rank_from_group_rank": "(group, group_rank_id)",
    "get_group_rank_from_world_rank": "(world_rank_id, group)",
}

OLD_SIGNATURES = {
    "DumpConfig": (
        "(enable_dump=False, dump_path=None, dump_step=None, dump_mode='output', "
        "enable_dump_debug=False, dump_debug_mode='all')"
    ),
    "broadcast_global_variables": "(root_rank, index)",
    "hccl_ops.allgather": f"(tensor, rank_size, {_WORLD})",
    "hccl_ops.reduce_scatter": f"(tensor, reduction, rank_size, {_WORLD})",
}

NEW_SIGNATURES = {
    "DumpConfig": (
        "(enable_dump=False, dump_path=None, dump_step=None, dump_mode='output', "
        "enable_dump_debug=False, dump_debug_mode='all', dump_data='tensor', dump_layer=None)"
    ),
    "MemoryConfig": (
        "(atomic_clean_policy=0, static_memory_policy=0, memory_optimization_policy=None)"
    ),
    "TellMeStepOrLossHook": "(step=None, total_step=None, loss=None, final_loss=None)",
    "broadcast_global_variables": "(root_rank)",
    "npu_distributed_optimizer_wrapper": "(optimizer)",
    "npu_allreduce": f"(values, reduction='mean', fusion=1, fusion_id=-1, {_WORLD})",
    "op_specified_engine_scope": "(engine_name, kernel_lib_name)",
    "set_device_sat_mode": "(mode)",
    "hccl_ops.allgather": f"(tensor, rank_size, {_WORLD}, fusion=0, fusion_id=-1)",
    "hccl_ops.reduce_scatter": (
        f"(tensor, reduction, rank_size, {_WORLD}, fusion=0, fusion_id=-1)"
    ),
}

ONLY_NEW = sorted(set(NEW_SIGNATURES) - set(OLD_SIGNATURES))

# Key, field of the proto, value: NpuOptimizer of a configuration that says nothing.
PARAMETERS = {
    "buffer_optimize": ["s", "l2_optimize"],
    "dynamic_graph_execute_mode": ["s", "dynamic_execute"],
    "enable_compress_weight": ["b", False],
    "enable_data_pre_proc": ["b", True],
    "enable_dump": ["b", False],
    "enable_dump_debug": ["b", False],
    "enable_reduce_precision": ["b", False],
    "enable_small_channel": ["i", 0],
    "graph_run_mode": ["i", 1],
    "hcom_multi_mode": ["b", False],
    "is_tailing_optimization": ["b", False],
    "iterations_per_loop": ["i", 1],
    "job": ["s", "localhost"],
    "min_group_size": ["b", True],
    "mix_compile_mode": ["b", False],
    "task_index": ["i", 0],
    "use_off_line": ["b", True],
}

OLD_PARAMETERS = {
    "dynamic_input": ["b", False],
    "enable_exception_dump": ["i", 0],
    "hcom_parallel": ["b", False],
    "op_debug_level": ["i", 0],
    "precision_mode": ["s", "allow_fp32_to_fp16"],
    "variable_format_optimize": ["b", True],
}

NEW_PARAMETERS = {
    "deterministic": ["i", 0],
    "device_type": ["s", "default_device_type"],
    "enable_exception_dump": ["i", 2],
    "event_sync_timeout": ["i", -1],
    "experimental_logical_device_cluster_deploy_mode": ["s", "LB"],
    "external_weight": ["b", False],
    "frozen_variable": ["b", False],
    "hcom_parallel": ["b", True],
    "jit_compile": ["s", "auto"],
    "stream_sync_timeout": ["i", -1],
    "variable_placement": ["s", "Device"],
}

# Argument, a value, key, field, value: what a configuration that says more adds.
GIVEN = [
    ("iterations_per_loop", 10, "iterations_per_loop", "i", 10),
    ("precision_mode", "allow_mix_precision", "precision_mode", "s", "allow_mix_precision"),
    ("enable_reduce_precision", True, "enable_reduce_precision", "b", True),
    ("variable_format_optimize", False, "variable_format_optimize", "b", False),
    ("mix_compile_mode", True, "mix_compile_mode", "b", True),
    ("enable_data_pre_proc", False, "enable_data_pre_proc", "b", False),
    ("hcom_parallel", True, "hcom_parallel", "b", True),
    ("graph_memory_max_size", "26 * 1024", "graph_memory_max_size", "s", "26 * 1024"),
    ("variable_memory_max_size", 1024, "variable_memory_max_size", "s", "1024"),
    ("is_tailing_optimization", True, "is_tailing_optimization", "b", True),
    ("graph_run_mode", 0, "graph_run_mode", "i", 0),
    ("op_debug_level", 1, "op_debug_level", "i", 1),
    ("enable_scope_fusion_passes", "All", "enable_scope_fusion_passes", "s", "All"),
    ("enable_exception_dump", 1, "enable_exception_dump", "i", 1),
    ("op_select_implmode", "high_precision", "op_select_implmode", "s", "high_precision"),
    ("optypelist_for_implmode", "Pooling", "optypelist_for_implmode", "s", "Pooling"),
    ("buffer_optimize", "off_optimize", "buffer_optimize", "s", "off_optimize"),
    ("enable_small_channel", 1, "enable_small_channel", "i", 1),
    ("fusion_switch_file", "f.cfg", "fusion_switch_file", "s", "f.cfg"),
    ("enable_compress_weight", True, "enable_compress_weight", "b", True),
    ("compress_weight_conf", "c.cfg", "compress_weight_conf", "s", "c.cfg"),
    ("op_compiler_cache_mode", "enable", "op_compiler_cache_mode", "s", "enable"),
    ("op_compiler_cache_dir", "d", "op_compiler_cache_dir", "s", "d"),
    ("debug_dir", "d", "debug_dir", "s", "d"),
    ("hcom_multi_mode", True, "hcom_multi_mode", "b", True),
    ("dynamic_input", True, "dynamic_input", "b", True),
    ("dynamic_inputs_shape_range", "data:[1]", "dynamic_inputs_shape_range", "s", "data:[1]"),
    ("local_rank_id", 3, "local_rank_id", "i", 3),
    ("local_device_list", "0,1", "local_device_list", "s", "0,1"),
    ("session_device_id", 2, "session_device_id", "i", 2),
    ("modify_mixlist", "ops_info.json", "modify_mixlist", "s", "ops_info.json"),
    ("op_precision_mode", "op.ini", "op_precision_mode", "s", "op.ini"),
    ("stream_max_parallel_num", "AICPU:10", "stream_max_parallel_num", "s", "AICPU:10"),
    ("aoe_mode", "2", "aoe_mode", "s", "2"),
    ("aoe_mode", "2", "work_path", "s", "./"),
]
OLD_GIVEN = [("auto_tune_mode", "RL,GA", "auto_tune_mode", "s", "RL,GA")]
NEW_GIVEN = [
    ("deterministic", 1, "deterministic", "i", 1),
    ("jit_compile", "false", "jit_compile", "s", "false"),
    ("precision_mode_v2", "mixed_float16", "precision_mode_v2", "s", "mixed_float16"),
    ("topo_sorting_mode", 1, "topo_sorting_mode", "i", 1),
    ("hccl_timeout", 600, "hccl_timeout", "i", 600),
    ("HCCL_algorithm", "level0:ring", "HCCL_algorithm", "s", "level0:ring"),
]
