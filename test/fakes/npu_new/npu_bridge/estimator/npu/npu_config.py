from npu_standin import parameter_map
from npu_standin.companion_configs import (
    BaseDumpConfig,
    DynamicInputConfig,
    ExperimentalConfig,
    GraphMemoryOptimizeConfig,
    MemoryConfig,
    NpuExecutePlacement,
    ProfilingConfig,
)
from npu_standin.device_checks import Limits
from npu_standin.run_config import BaseRunConfig

__all__ = [
    "DumpConfig",
    "DynamicInputConfig",
    "ExperimentalConfig",
    "GraphMemoryOptimizeConfig",
    "MemoryConfig",
    "NPURunConfig",
    "NpuExecutePlacement",
    "ProfilingConfig",
]

_EXPERIMENTAL = "_experimental_config._"


class NPURunConfig(BaseRunConfig):
    public = BaseRunConfig.public | {
        "aoe_config_file",
        "es_cluster_config",
        "event_sync_timeout",
        "insert_op_file",
        "stream_sync_timeout",
        "topo_sorting_mode",
        "variable_format_optimize",
    }
    mix_compile_mode_error = TypeError
    parameters = parameter_map.Table(
        always={
            **parameter_map.ALWAYS,
            "deterministic": ("i", "_deterministic"),
            "device_type": ("s", "_device_type"),
            "jit_compile": ("s", "_jit_compile"),
            "stream_sync_timeout": ("i", "stream_sync_timeout"),
            "event_sync_timeout": ("i", "event_sync_timeout"),
            "external_weight": ("b", "_external_weight"),
            "frozen_variable": ("b", "_frozen_variable"),
            "variable_placement": ("s", "_variable_placement"),
            "experimental_logical_device_cluster_deploy_mode": ("s", "deploy_mode"),
        },
        if_set={
            **parameter_map.IF_SET,
            "op_debug_level": ("i", "op_debug_level"),
            "dynamic_input": ("b", "_dynamic_input"),
            "dynamic_graph_execute_mode": ("s", "_dynamic_graph_execute_mode"),
            "variable_format_optimize": ("b", "variable_format_optimize"),
            "precision_mode_v2": ("s", "_precision_mode_v2"),
            "soc_config": ("s", "_soc_config"),
            "hccl_timeout": ("i", "_hccl_timeout"),
            "op_wait_timeout": ("i", "_op_wait_timeout"),
            "op_execute_timeout": ("i", "_op_execute_timeout"),
            "HCCL_algorithm": ("s", "_HCCL_algorithm"),
            "customize_dtypes": ("s", "_customize_dtypes"),
            "op_debug_config": ("s", "_op_debug_config"),
            "topo_sorting_mode": ("i", "topo_sorting_mode"),
            "insert_op_file": ("s", "insert_op_file"),
            "es_cluster_config": ("s", "es_cluster_config"),
            "aoe_config_file": ("s", "aoe_config_file"),
            "ac_parallel_enable": ("s", "_ac_parallel_enable"),
            "dump_data": ("s", "_dump_config._dump_data"),
            "dump_layer": ("s", "_dump_config._dump_layer"),
            "atomic_clean_policy": ("i", "_memory_config._atomic_clean_policy"),
            "static_memory_policy": ("i", "_memory_config._static_memory_policy"),
            "memory_optimization_policy": ("s", "_memory_config._memory_optimization_policy"),
            "experimental_logical_device_id": ("s", _EXPERIMENTAL + "logical_device_id"),
            "experimental_model_deploy_mode": ("s", _EXPERIMENTAL + "model_deploy_mode"),
            "experimental_model_deploy_devicelist": (
                "s",
                _EXPERIMENTAL + "model_deploy_devicelist",
            ),
            "experimental_accelerate_train_mode": ("s", _EXPERIMENTAL + "accelerate_train_mode"),
            "resource_config_path": ("s", _EXPERIMENTAL + "resource_config_path"),
            "graph_compiler_cache_dir": ("s", _EXPERIMENTAL + "graph_compiler_cache_dir"),
            "graph_parallel_option_path": ("s", _EXPERIMENTAL + "graph_parallel_option_path"),
            "enable_graph_parallel": ("b", _EXPERIMENTAL + "enable_graph_parallel"),
            "graph_slice": ("s", _EXPERIMENTAL + "graph_memory_optimize_config._graph_slice"),
        },
    )
    limits = Limits(
        precision_mode=(
            "force_fp32",
            "allow_fp32_to_fp16",
            "force_fp16",
            "must_keep_origin_dtype",
            "allow_mix_precision",
            "cube_fp16in_fp32out",
            "allow_mix_precision_fp16",
            "allow_mix_precision_bf16",
            "allow_fp32_to_bf16",
        ),
        precision_mode_v2=(
            "fp16",
            "origin",
            "cube_fp16in_fp32out",
            "mixed_float16",
            "mixed_bfloat16",
        ),
        mixlist_modes=(
            "allow_mix_precision",
            "allow_mix_precision_fp16",
            "allow_mix_precision_bf16",
            "mixed_float16",
            "mixed_bfloat16",
        ),
        aoe_mode=("1", "2", "4", "mdat"),
        implmodes=(
            "high_precision",
            "high_performance",
            "high_precision_for_all",
            "high_performance_for_all",
        ),
    )

    def __init__(
        self,
        iterations_per_loop=1,
        profiling_config=None,
        model_dir=None,
        tf_random_seed=None,
        save_summary_steps=0,
        save_checkpoints_steps=None,
        save_checkpoints_secs=None,
        session_config=None,
        keep_checkpoint_max=5,
        keep_checkpoint_every_n_hours=10000,
        log_step_count_steps=100,
        distribute=None,
        enable_data_pre_proc=True,
        precision_mode=None,
        enable_reduce_precision=False,
        variable_format_optimize=None,
        mix_compile_mode=False,
        hcom_parallel=True,
        graph_memory_max_size=None,
        variable_memory_max_size=None,
        dump_config=None,
        stream_max_parallel_num=None,
        is_tailing_optimization=False,
        horovod_mode=False,
        graph_run_mode=1,
        op_debug_level=None,
        enable_scope_fusion_passes=None,
        enable_exception_dump=2,
        op_select_implmode=None,
        optypelist_for_implmode=None,
        dynamic_input_config=None,
        aoe_mode=None,
        work_path=None,
        buffer_optimize="l2_optimize",
        enable_small_channel=0,
        fusion_switch_file=None,
        enable_compress_weight=False,
        compress_weight_conf=None,
        op_compiler_cache_mode=None,
        op_compiler_cache_dir=None,
        debug_dir=None,
        hcom_multi_mode=False,
        dynamic_input=None,
        dynamic_graph_execute_mode="dynamic_execute",
        dynamic_inputs_shape_range=None,
        train_distribute=None,
        eval_distribute=None,
        local_rank_id=None,
        local_device_list=None,
        session_device_id=None,
        distribute_config=None,
        modify_mixlist=None,
        op_precision_mode=None,
        device_type="default_device_type",
        soc_config=None,
        hccl_timeout=None,
        op_wait_timeout=None,
        op_execute_timeout=None,
        HCCL_algorithm=None,  # noqa: N803
        customize_dtypes=None,
        op_debug_config=None,
        memory_config=None,
        experimental_config=None,
        topo_sorting_mode=None,
        aoe_config_file=None,
        insert_op_file=None,
        stream_sync_timeout=-1,
        event_sync_timeout=-1,
        external_weight=False,
        es_cluster_config=None,
        deterministic=0,
        frozen_variable=False,
        variable_placement="Device",
        jit_compile="auto",
        precision_mode_v2=None,
        ac_parallel_enable=None,
    ):
        self._configure(locals())

    @property
    def deploy_mode(self):
        experimental = self._experimental_config
        return "LB" if experimental is None else experimental._logical_device_cluster_deploy_mode

    def profiling_options_if_none(self):
        return ""


class DumpConfig(BaseDumpConfig):
    def __init__(
        self,
        enable_dump=False,
        dump_path=None,
        dump_step=None,
        dump_mode="output",
        enable_dump_debug=False,
        dump_debug_mode="all",
        dump_data="tensor",
        dump_layer=None,
    ):
        self._store(locals())
