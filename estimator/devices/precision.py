"""Ascend's names of precision modes, and which of them compute in 16 bits."""

MODES = (
    "allow_mix_precision",
    "allow_mix_precision_fp16",
    "allow_mix_precision_bf16",
    "allow_fp32_to_fp16",
    "allow_fp32_to_bf16",
    "force_fp16",
    "force_fp32",
    "cube_fp16in_fp32out",
    "must_keep_origin_dtype",
)

REWRITE_ON = 1  # RewriterConfig.ON, of graph rewrites.

# Where float16 may be computed, small gradients vanish and large ones overflow: these modes need
# loss scaling. bfloat16 has float32's range.
FLOAT16_MODES = frozenset(
    [
        "allow_mix_precision",
        "allow_mix_precision_fp16",
        "allow_fp32_to_fp16",
        "force_fp16",
        "cube_fp16in_fp32out",
    ]
)

FLOAT32_MODES = frozenset(["force_fp32", "must_keep_origin_dtype"])

# Those that choose, operation by operation, by lists that --modify_mixlist changes.
MIXED_MODES = frozenset(
    ["allow_mix_precision", "allow_mix_precision_fp16", "allow_mix_precision_bf16"]
)

# What a CPU with the instructions for it computes in bfloat16.
CPU_BFLOAT16_MODES = frozenset(
    ["allow_mix_precision", "allow_mix_precision_bf16", "allow_fp32_to_bf16"]
)

# What an NPU computes in where nothing is said.
DEFAULT_ON_NPUS = "allow_mix_precision"

# What an export may be computed in: float32, or bfloat16.
EXPORT_MODES = tuple(mode for mode in MODES if mode in FLOAT32_MODES | CPU_BFLOAT16_MODES)
