"""Contexts that put attributes on the operations made within; TensorFlow takes no notice."""

import contextlib

import tensorflow.compat.v1 as tf
from tensorflow.core.framework import attr_value_pb2

from npu_standin.companion_configs import NpuExecutePlacement


@contextlib.contextmanager
def attributes(**values):
    """Puts attributes, each an AttrValue's field and value, on operations."""
    attrs = {
        "_" + name: attr_value_pb2.AttrValue(**{field: value})
        for name, (field, value) in values.items()
    }
    with tf.get_default_graph()._attr_scope(attrs):
        yield


def without_npu_compile_scope():
    return attributes(without_npu_compile=("b", True))


def npu_variable_scope(placement=NpuExecutePlacement.ALL):
    if not isinstance(placement, NpuExecutePlacement):
        raise ValueError("placement must be one of NpuExecutePlacement")
    return attributes(variable_placement=("s", placement.value.encode()))


def npu_stage_scope(stage):
    return attributes(stage_level=("i", stage))


def npu_mem_type_scope():
    return attributes(output_memory_type=("i", 1))


def npu_weight_prefetch_scope(buffer_pool_id=0, buffer_pool_size=536870912):
    return attributes(
        buffer_pool_id=("i", buffer_pool_id), buffer_pool_size=("i", buffer_pool_size)
    )
