"""The generator as a frozen graph: constants in place of variables."""

import tensorflow.compat.v1 as tf

from model_fn.inference import INPUT, MEASURED, OUTPUT, STATISTICS


def freeze_graph_def(build_graph, values):
    """Builds a graph with constants where it would have variables.

    Args:
        build_graph: Function that builds nodes named `input` and `output` in the default graph,
            with variables from `tf.get_variable`.
        values: Dict of full variable name to array.

    Returns:
        `tf.GraphDef` without variables.

    Raises:
        ValueError: A variable has no value, a value has no variable, or a node is missing.
    """
    used = set()

    def constant_getter(getter, name, *unused_args, **unused_kwargs):
        if name not in values:
            raise ValueError(f"no value was given for the variable {name}")
        used.add(name)
        return tf.constant(values[name], name=name)

    graph = tf.Graph()
    with graph.as_default(), tf.variable_scope("", custom_getter=constant_getter):
        build_graph()
    unused = sorted(set(values) - used)
    if unused:
        raise ValueError(f"the graph has no variable {unused[0]}")
    names = {operation.name for operation in graph.get_operations()}
    for name in (INPUT, OUTPUT):
        if name not in names:
            raise ValueError(f"the graph has no node {name}")
    graph_def = _with_folded_weights(graph, values)
    # Of what training and checks may have added, only what the output needs.
    wanted = [name for name in (OUTPUT, MEASURED) if name in names]
    return tf.graph_util.extract_sub_graph(graph_def, wanted)


def _with_folded_weights(graph, weights):
    """Computes what is made of weights alone, such as kernels of other kernels, once and for all.

    Offline compilers and converters expect kernels to be constants. What does not depend on a
    weight, such as a fixed draw of dropout, stays as it is computed.

    Args:
        graph: `tf.Graph`.
        weights: Names of the constants that were variables.

    Returns:
        `tf.GraphDef`; the operations have the names that they had.
    """
    constant, made_of_weights = set(), set()
    for operation in graph.get_operations():  # In the order in which they were made.
        sources = [tensor.op for tensor in operation.inputs]
        if operation.type == "Const" or (sources and constant.issuperset(sources)):
            constant.add(operation)
            if operation.name in weights or made_of_weights.intersection(sources):
                made_of_weights.add(operation)
    folded = [
        operation
        for operation in made_of_weights
        if operation.type != "Const"
        and len(operation.outputs) == 1
        and not constant.issuperset(operation.outputs[0].consumers())
    ]
    if not folded:
        return graph.as_graph_def()
    with tf.Session(graph=graph, config=tf.ConfigProto(device_count={"GPU": 0})) as session:
        values = session.run({operation.name: operation.outputs[0] for operation in folded})
    graph_def = graph.as_graph_def()
    for node in graph_def.node:
        if node.name in values:
            become_constant(node, node.name, values[node.name])
    return graph_def


def become_constant(node, name, value):
    """Turns a node into a constant, whatever it was.

    Args:
        node: `NodeDef`.
        name: Its name from now on.
        value: Array.
    """
    tensor = tf.make_tensor_proto(value)
    node.Clear()
    node.name, node.op = name, "Const"
    node.attr["dtype"].type = tensor.dtype
    node.attr["value"].tensor.CopyFrom(tensor)


def describe_ends(graph_def):
    """Says what a frozen graph takes and gives.

    Args:
        graph_def: From `freeze_graph_def`.

    Returns:
        Dict that JSON can hold, of `input` and `output`, and of `statistics` and `measured` if it
        has them, to what `describe_tensor` says.
    """
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    present = {operation.name for operation in graph.get_operations()}
    return {
        name: describe_tensor(graph.get_tensor_by_name(f"{name}:0"))
        for name in (INPUT, OUTPUT, STATISTICS, MEASURED)
        if name in present
    }


def describe_tensor(tensor):
    """Says a tensor's name, shape and type, for notes."""
    return {
        "name": tensor.name,
        "shape": tensor.shape.as_list(),
        "dtype": tensor.dtype.name,
    }
