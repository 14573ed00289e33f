"""Where a host translates pictures: a GPU if there is one, or the CPU."""

import sys

import tensorflow.compat.v1 as tf

from estimator.devices import cpu
from estimator.devices.host import choose_precision, gpu_names


def host_config(device):
    """Makes the config of a session that translates on a host.

    Args:
        device: "cpu", or "auto" for a GPU if there is one.

    Returns:
        `tf.ConfigProto`.
    """
    config = tf.ConfigProto(device_count={"GPU": 0} if device == "cpu" else {})
    config.gpu_options.allow_growth = True
    return config


def host_dtype(device, precision_mode):
    """Picks in which type a host computes convolutions, and says it if it is not as asked.

    Args:
        device: As of `host_config`.
        precision_mode: One of `precision.MODES`; None for float32.

    Returns:
        `tf.DType`.
    """
    precision, note = choose_precision(precision_mode, _uses_gpu(device))
    dtype = tf.as_dtype(precision)
    if note is not None and dtype == tf.float32:
        # Not on stdout, which a picture may go to.
        print(note, file=sys.stderr, flush=True)
    return dtype


def keep_memory(device):
    """Has a CPU's memory kept from picture to picture; nothing of it can be undone."""
    if device != "npu" and not _uses_gpu(device):
        cpu.keep_freed_memory()


def _uses_gpu(device):
    return device != "cpu" and bool(gpu_names())
