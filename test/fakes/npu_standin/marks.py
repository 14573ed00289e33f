"""Marks on the operations that would be the device's own, so that others can look for them."""

import tensorflow.compat.v1 as tf
from tensorflow.core.framework import attr_value_pb2

_OPERATION, _FUSION = "_npu_op", "_npu_fusion"


def marked(npu_type, fusion=None):
    """Context in which operations get a mark.

    Args:
        npu_type: Type of the device's operation, say "DropOutDoMask".
        fusion: Text that is the same for all-reduces which the device may fuse.
    """
    values = {_OPERATION: npu_type, **({} if fusion is None else {_FUSION: fusion})}
    return tf.get_default_graph()._attr_scope(
        {name: attr_value_pb2.AttrValue(s=text.encode()) for name, text in values.items()}
    )


def type_of(operation):
    """The type of the device's operation that this one stands for; empty for others."""
    return operation.node_def.attr[_OPERATION].s.decode()


def fusion_of(operation):
    """What was given to `marked`; empty for others."""
    return operation.node_def.attr[_FUSION].s.decode()
