"""A mark on the operations that would be the device's own, so that tests can look for them."""

import tensorflow.compat.v1 as tf
from tensorflow.core.framework import attr_value_pb2

ATTRIBUTE = "_npu_op"
"""Its value is the type of the device's operation, say b"DropOutDoMask"."""


def marked(npu_type):
    """Context in which operations get the mark."""
    value = attr_value_pb2.AttrValue(s=npu_type.encode())
    return tf.get_default_graph()._attr_scope({ATTRIBUTE: value})


def marked_types(graph_def):
    """Lists the device's operations in a GraphDef, its functions included."""
    nodes = list(graph_def.node)
    for function in graph_def.library.function:
        nodes.extend(function.node_def)
    return sorted({node.attr[ATTRIBUTE].s.decode() for node in nodes if ATTRIBUTE in node.attr})
