"""The weights of an ONNX model in fewer bits: the file shrinks, the computation stays float32."""

import numpy as np

from estimator.extras import import_extra
from estimator.trained.onnx_network import EXTRA

HALF, BYTE = 16, 8
# Where the kernels of these operations have their output channels.
_CHANNEL_AXIS = {"Conv": 0, "ConvTranspose": 1}
_LARGEST_BYTE = 127


def store_weights(content, bits, flag):
    """Stores the weights of a model in fewer bits.

    Kernels and the like, nearly all of a generator, are stored as float16; biases, the scales of
    norms and their epsilon, which float16 would not hold, are left alone. Of 8 bits, the kernels of
    convolutions are stored as int8, each output channel with a scale of its own, which is the
    largest of its absolute values / 127. Nodes at the model's begin turn them into float32 again:
    runtimes fold these when they load the file, so that a picture costs what it did. They leave
    `DequantizeLinear`, which would say the same, unfolded and compute it for each picture.

    Args:
        content: Bytes of an ONNX model, of opset 13 or later, with its weights in float32.
        bits: `HALF` or `BYTE`.
        flag: Flag and value that need it, for messages.

    Returns:
        Bytes of the smaller model, with the same ends and metadata.

    Raises:
        OptionsError: The package onnx is missing.
    """
    onnx = import_extra("onnx", EXTRA, flag)
    model = onnx.load_model_from_string(content)
    axes = _channel_axes(model.graph) if bits == BYTE else {}
    constants, nodes = [], []
    for constant in model.graph.initializer:
        if constant.data_type != onnx.TensorProto.FLOAT or not _is_large(constant):
            constants.append(constant)
            continue
        values = onnx.numpy_helper.to_array(constant)
        if constant.name in axes:
            stored, scale = _in_bytes(values, axes[constant.name])
            parts = [(stored, "int8"), (scale, "scale")]
        else:
            parts = [(values.astype(np.float16), "float16")]
        names = [f"{constant.name}/{ending}" for _, ending in parts]
        constants += [
            onnx.numpy_helper.from_array(array, name) for (array, _), name in zip(parts, names)
        ]
        nodes += _restoring(onnx.helper.make_node, names, constant.name, onnx.TensorProto.FLOAT)
    smaller = onnx.helper.make_graph(
        [*nodes, *model.graph.node],
        model.graph.name,
        model.graph.input,
        model.graph.output,
        constants,
    )
    model.graph.CopyFrom(smaller)
    return model.SerializeToString(deterministic=True)


def _is_large(constant):
    """Whether a constant is more than a number for each channel."""
    return sum(side > 1 for side in constant.dims) > 1


def _channel_axes(graph):
    """Maps the names of kernels to the axis of their output channels."""
    return {
        node.input[1]: _CHANNEL_AXIS[node.op_type]
        for node in graph.node
        if node.op_type in _CHANNEL_AXIS
    }


def _in_bytes(values, axis):
    """Rounds a kernel to int8; returns it and float32 that it is to be multiplied with."""
    others = tuple(number for number in range(values.ndim) if number != axis)
    scale = np.max(np.abs(values), axis=others, keepdims=True) / np.float32(_LARGEST_BYTE)
    scale[scale == 0] = 1
    return np.round(values / scale).astype(np.int8), scale


def _restoring(make_node, names, result, float32):
    """Makes the nodes that turn what is stored into a constant of its former name."""
    stored, *scale = names
    restored = f"{result}/restored" if scale else result
    nodes = [make_node("Cast", [stored], [restored], f"{result}/cast", to=float32)]
    if scale:
        nodes.append(make_node("Mul", [restored, *scale], [result], f"{result}/scaled"))
    return nodes
