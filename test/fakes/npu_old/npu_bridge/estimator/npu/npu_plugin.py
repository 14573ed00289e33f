from npu_standin import hccl_api
from npu_standin.recording import record

__all__ = ["npu_close", "npu_resource_init", "npu_resource_shutdown"]


def npu_resource_init(
    graph_run_mode=1,
    op_debug_level=0,
    enable_profiling=False,
    profiling_options=None,
    auto_tune_mode=None,
    precision_mode=None,
    enable_scope_fusion_passes=None,
    enable_exception_dump=0,
    aoe_mode=None,
    work_path=None,
    op_compiler_cache_mode=None,
    op_compiler_cache_dir=None,
    debug_dir=None,
    hcom_multi_mode=False,
    distribute_config=None,
):
    record("plugin", function="npu_resource_init", arguments=locals())
    hccl_api.start()


def npu_resource_shutdown():
    record("plugin", function="npu_resource_shutdown", arguments={})
    hccl_api.stop()


def npu_close():
    record("plugin", function="npu_close", arguments={})
    hccl_api.stop()
