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
    "npu_stage_scope",
    "npu_variable_scope",
    "npu_weight_prefetch_scope",
    "without_npu_compile_scope",
]


def keep_dtype_scope():
    return attributes(keep_dtype=("b", True))
