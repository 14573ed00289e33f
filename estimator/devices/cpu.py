"""What a CPU can do for training: its 16-bit instructions, and memory that stays at hand."""

import ctypes
import os

import tensorflow.compat.v1 as tf

from estimator.devices.precision import REWRITE_ON

_CPU_INFO = "/proc/cpuinfo"
_BFLOAT16_INSTRUCTIONS = frozenset(["avx512_bf16", "amx_bf16"])
_REWRITE = "auto_mixed_precision_onednn_bfloat16"  # A field of RewriterConfig since TensorFlow 2.

# mallopt's parameters (glibc, malloc.h).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_NEVER = 2**31 - 1
_TOP_PAD_BYTES = 64 * 2**20


def bfloat16_obstacle(cpu_info=_CPU_INFO):
    """Says what keeps this CPU from computing in bfloat16.

    Args:
        cpu_info: File in which Linux lists the processor's instructions.

    Returns:
        The obstacle in words, or None if there is none.
    """
    if not hasattr(tf.ConfigProto().graph_options.rewrite_options, _REWRITE):
        return "this TensorFlow has no bfloat16 for CPUs"
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1") == "0":
        return "TF_ENABLE_ONEDNN_OPTS=0 turns it off"
    if not _BFLOAT16_INSTRUCTIONS & _instructions(cpu_info):
        return "this CPU has no bfloat16 instructions"
    return None


def _instructions(cpu_info):
    try:
        with open(cpu_info, encoding="utf-8") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == "flags":
                    return frozenset(value.split())
    except OSError:
        pass
    return frozenset()


def rewrite_to_bfloat16(session_config):
    """Has TensorFlow compute convolutions and matrix products of a session in bfloat16.

    Weights, losses and the statistics of batch norm stay float32.

    Args:
        session_config: `tf.ConfigProto`, which is changed.
    """
    setattr(session_config.graph_options.rewrite_options, _REWRITE, REWRITE_ON)


def keep_freed_memory():
    """Tells the C library to keep freed memory for the next step instead of returning it.

    A training step takes and frees the same large blocks over and over. By default glibc gives
    those from 32 MB on, such as the gradient of a kernel from 1024 to 512 channels, back to the
    operating system each time, and the next step waits for thousands of page faults. Does nothing
    with another C library.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, _NEVER)
        mallopt(_TOP_PAD, _TOP_PAD_BYTES)
