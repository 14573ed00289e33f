"""Reflection padding as the one operation that ONNX has for it.

The networks make it of slices, reversals and concatenations (see `model_fn.networks.layers`), of
which the converter makes operations that runtimes are slow with, or lack.
"""

import numpy as np
import tensorflow.compat.v1 as tf

from model_fn import OUTPUT, become_constant


def with_mirror_pads(graph_def):
    """Puts `MirrorPad` in the place of what reflects the lines at two sides of a picture.

    Args:
        graph_def: `tf.GraphDef` of a frozen generator.

    Returns:
        `tf.GraphDef` that computes the same.
    """
    nodes = {node.name: node for node in graph_def.node}
    found = [node.name for node in graph_def.node if _reflects(node, nodes)]
    if not found:
        return graph_def
    replaced = tf.GraphDef()
    replaced.CopyFrom(graph_def)
    for node in list(replaced.node):
        if node.name in found:
            _replace(node, _paddings(node, nodes), replaced)
    return tf.graph_util.extract_sub_graph(replaced, [OUTPUT])


def _reflects(node, nodes):
    """Whether a node puts two reversed slices around a picture."""
    if node.op != "ConcatV2" or len(node.input) != 4:
        return False
    sides = [nodes.get(name) for name in (node.input[0], node.input[2])]
    return all(
        side is not None and side.op == "ReverseV2" and nodes[side.input[0]].op == "Slice"
        for side in sides
    )


def _paddings(node, nodes):
    """Lists the lines before and after each side, int32 [4, 2]."""
    axis = int(_value(nodes[node.input[3]]))
    paddings = np.zeros([4, 2], np.int32)
    for column, name in enumerate((node.input[0], node.input[2])):
        slice_ = nodes[nodes[name].input[0]]
        paddings[axis, column] = _value(nodes[slice_.input[2]])[axis]
    return paddings


def _replace(node, paddings, graph_def):
    name, kind, picture = node.name, node.attr["T"].type, node.input[1]
    constant = graph_def.node.add()
    become_constant(constant, f"{name}/paddings", paddings)
    node.Clear()
    node.name, node.op = name, "MirrorPad"
    node.input.extend([picture, constant.name])
    node.attr["T"].type = kind
    node.attr["Tpaddings"].type = tf.int32.as_datatype_enum
    node.attr["mode"].s = b"REFLECT"


def _value(constant):
    return tf.make_ndarray(constant.attr["value"].tensor)
