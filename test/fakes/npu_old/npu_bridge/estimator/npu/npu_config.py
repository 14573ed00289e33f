from npu_standin import parameter_map
from npu_standin.companion_configs import (
    BaseDumpConfig,
    DynamicInputConfig,
    NpuExecutePlacement,
    ProfilingConfig,
)
from npu_standin.device_checks import Limits
from npu_standin.run_config import BaseRunConfig

__all__ = [
    "DumpConfig",
    "DynamicInputConfig",
    "NPURunConfig",
    "NpuExecutePlacement",
    "ProfilingConfig",
]


class NPURunConfig(BaseRunConfig):
    parameters = parameter_map.Table(
        always={
            **parameter_map.ALWAYS,
            "op_debug_level": ("i", "op_debug_level"),
            "dynamic_input": ("b", "_dynamic_input"),
            "dynamic_graph_execute_mode": ("s", "_dynamic_graph_execute_mode"),
            "variable_format_optimize": ("b", "_variable_format_optimize"),
            "precision_mode": ("s", "written_precision_mode"),
        },
        if_set={**parameter_map.IF_SET, "auto_tune_mode": ("s", "_auto_tune_mode")},
    )
    limits = Limits(
        precision_mode=(
            "force_fp32",
            "allow_fp32_to_fp16",
            "force_fp16",
            "must_keep_origin_dtype",
            "allow_mix_precision",
        ),
        precision_mode_v2=(),
        mixlist_modes=("allow_mix_precision",),
        aoe_mode=("1", "2", "3", "4"),
        implmodes=("high_precision", "high_performance"),
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
        variable_format_optimize=True,
        mix_compile_mode=False,
        hcom_parallel=False,
        graph_memory_max_size=None,
        variable_memory_max_size=None,
        auto_tune_mode=None,
        dump_config=None,
        stream_max_parallel_num=None,
        is_tailing_optimization=False,
        horovod_mode=False,
        graph_run_mode=1,
        op_debug_level=0,
        enable_scope_fusion_passes=None,
        enable_exception_dump=0,
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
        dynamic_input=False,
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
    ):
        self._configure(locals())

    @property
    def written_precision_mode(self):
        """Unlike the new flavour, this one writes a mode even if none is set."""
        unset = "allow_fp32_to_fp16" if self.graph_run_mode else "force_fp16"
        return self._precision_mode or unset

    def profiling_options_if_none(self):
        raise ValueError("profiling_options must be set when use profiling")


class DumpConfig(BaseDumpConfig):
    def __init__(
        self,
        enable_dump=False,
        dump_path=None,
        dump_step=None,
        dump_mode="output",
        enable_dump_debug=False,
        dump_debug_mode="all",
    ):
        self._store(locals())
