from npu_standin.scopes import (
    attributes,
    npu_mem_type_scope,
    npu_stage_scope,
    npu_variable_scope,
    npu_weight_prefetch_scope,
    without_npu_compile_scope,
)

__all__ = [
    "keep_dtype_scope",
    "npu_mem_type_scope",
    "npu_optimizer_scope",
    "npu_qos_label_scope",
    "npu_stage_scope",
    "npu_variable_scope",
    "npu_weight_prefetch_scope",
    "op_specified_engine_scope",
    "subgraph_multi_dims_scope",
    "without_npu_compile_scope",
]


def keep_dtype_scope():
    return attributes(keep_dtype=("i", 1))


def op_specified_engine_scope(engine_name, kernel_lib_name):
    return attributes(
        specified_engine_name=("s", engine_name.encode()),
        specified_kernel_lib_name=("s", kernel_lib_name.encode()),
    )


def npu_qos_label_scope(label):
    return attributes(qos_service_label=("i", label))


def subgraph_multi_dims_scope(index):
    return attributes(subgraph_multi_dims_index=("i", index))


def npu_optimizer_scope():
    return attributes(optimizer=("b", True))
