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

SIGNATURES = {
    "ProfilingConfig": "(enable_profiling=False, profiling_options=None)",
    "DumpConfig": (
        "(enable_dump=False, dump_path=None, dump_step=None, dump_mode='output', "
        "enable_dump_debug=False, dump_debug_mode='all')"
    ),
    "NPUEstimator": (
        "(model_fn=None, model_dir=None, config=None, params=None, job_start_file='', "
        "warm_start_from=None)"
    ),
    "NPUEstimatorSpec": (
        "(mode, predictions=None, loss=None, train_op=None, eval_metric_ops=None, "
        "export_outputs=None, training_chief_hooks=None, training_hooks=None, scaffold=None, "
        "evaluation_hooks=None, prediction_hooks=None, host_call=None)"
    ),
    "ExponentialUpdateLossScaleManager": (
        "(init_loss_scale, incr_every_n_steps, decr_every_n_nan_or_inf=2, incr_ratio=2, "
        "decr_ratio=0.8)"
    ),
    "NPULossScaleOptimizer": "(opt, loss_scale_manager, is_distributed=False)",
    "NPUDistributedOptimizer": "(optimizer, is_weight_update_sharding=False, name=None)",
    "dropout": "(x, keep_prob, noise_shape=None, seed=None, name=None)",
    "hccl_ops.allreduce": ("(tensor, reduction, fusion=1, fusion_id=-1, group='hccl_world_group')"),
    "hccl_ops.broadcast": ("(tensor, root_rank, fusion=2, fusion_id=0, group='hccl_world_group')"),
}

# Key, field of the proto, value: NpuOptimizer of a configuration that says nothing.
PARAMETERS = {
    "enable_data_pre_proc": ["b", True],
    "enable_dump": ["b", False],
    "enable_dump_debug": ["b", False],
    "graph_run_mode": ["i", 1],
    "iterations_per_loop": ["i", 1],
    "min_group_size": ["b", True],
    "mix_compile_mode": ["b", False],
    "use_off_line": ["b", True],
}
OWN_PARAMETERS = {
    "old": {"hcom_parallel": ["b", False]},
    "new": {"deterministic": ["i", 0], "hcom_parallel": ["b", True]},
}

# Argument, a value, key, field, value: what a configuration that says more adds.
GIVEN = [
    ("iterations_per_loop", 10, "iterations_per_loop", "i", 10),
    ("precision_mode", "allow_mix_precision", "precision_mode", "s", "allow_mix_precision"),
    ("mix_compile_mode", True, "mix_compile_mode", "b", True),
    ("enable_data_pre_proc", False, "enable_data_pre_proc", "b", False),
    ("hcom_parallel", True, "hcom_parallel", "b", True),
    ("graph_run_mode", 0, "graph_run_mode", "i", 0),
    ("op_compiler_cache_mode", "enable", "op_compiler_cache_mode", "s", "enable"),
    ("op_compiler_cache_dir", "d", "op_compiler_cache_dir", "s", "d"),
    ("modify_mixlist", "ops_info.json", "modify_mixlist", "s", "ops_info.json"),
    ("aoe_mode", "2", "aoe_mode", "s", "2"),
    ("aoe_mode", "2", "work_path", "s", "./"),
]
OWN_GIVEN = {
    "old": [("auto_tune_mode", "RL,GA", "auto_tune_mode", "s", "RL,GA")],
    "new": [("deterministic", 1, "deterministic", "i", 1)],
}
