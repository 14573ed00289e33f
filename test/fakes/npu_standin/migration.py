"""What `npu_init` offers to scripts that were converted by a tool."""

import os

import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig

from npu_standin.hooks import NPUBroadcastGlobalVariablesHook
from npu_standin.optimizers import NPUDistributedOptimizer


def npu_tf_optimizer(opt):
    return NPUDistributedOptimizer(opt)


def npu_hooks_append(hooks_list=()):
    rank = int(os.environ.get("RANK_ID", "0"))
    return [*hooks_list, NPUBroadcastGlobalVariablesHook(0, rank)]


def npu_config_proto(config_proto=None):
    config = tf.ConfigProto() if config_proto is None else config_proto
    rewriting = config.graph_options.rewrite_options
    if all(each.name != "NpuOptimizer" for each in rewriting.custom_optimizers):
        rewriting.custom_optimizers.add().name = "NpuOptimizer"
    rewriting.memory_optimization = RewriterConfig.NO_MEM_OPT
    rewriting.remapping = RewriterConfig.OFF
    config.allow_soft_placement = True
    config.graph_options.optimizer_options.global_jit_level = tf.OptimizerOptions.OFF
    return config
