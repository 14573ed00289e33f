"""A session that translates pictures on an NPU."""

import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf import rewriter_config_pb2

from estimator.devices.npu.environment import set_defaults
from estimator.devices.npu.loading import load
from estimator.devices.precision import DEFAULT_ON_NPUS

_INFERENCE = 0  # graph_run_mode: online inference; 1 is training.


def prediction_config(precision_mode=None):
    """Makes the config of a session whose graph an NPU computes.

    The process's environment gets what the vendor's package wants to find there.

    Args:
        precision_mode: One of `precision.MODES`; None for convolutions in float16, and float32 for
            what needs it, such as the statistics of batch norm.

    Returns:
        `tf.ConfigProto`.

    Raises:
        OptionsError: npu_bridge does not import.
    """
    load("npu_bridge")  # Which registers the optimizer of this name.
    set_defaults()
    config = tf.ConfigProto(allow_soft_placement=True)
    rewriting = config.graph_options.rewrite_options
    # Both would change the graph in ways that the vendor's compiler does not take.
    rewriting.remapping = rewriter_config_pb2.RewriterConfig.OFF
    rewriting.memory_optimization = rewriter_config_pb2.RewriterConfig.NO_MEM_OPT
    optimizer = rewriting.custom_optimizers.add()
    optimizer.name = "NpuOptimizer"
    optimizer.parameter_map["use_off_line"].b = True
    optimizer.parameter_map["graph_run_mode"].i = _INFERENCE
    optimizer.parameter_map["precision_mode"].s = (precision_mode or DEFAULT_ON_NPUS).encode()
    return config
