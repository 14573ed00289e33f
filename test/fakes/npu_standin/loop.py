"""Sinks a training step into a loop, so that one `session.run` makes K steps.

The device puts a loop around the compiled step; whoever fetches a tensor gets the value of the last
iteration. The stand-in copies the step into the body of a `tf.while_loop`, which makes the first
K - 1 steps. A session's `run` of IterationOp runs the loop and then what was asked for: the step
itself is the K-th iteration, and what is fetched beside it are that iteration's values.

What differs from the device: TensorFlow below sees two runs; the loop has only what the train_op
and the loss need, so an update that only some other fetched tensor depends on is made once in a run
and not K times; and random operations draw from one generator in the loop, from another in the last
iteration.
"""

from collections import namedtuple

import tensorflow.compat.v1 as tf
from tensorflow.core.framework import graph_pb2
from tensorflow.python.framework import ops

from npu_standin import DeviceFatalError
from npu_standin.recording import counts

_COLLECTION = "npu_standin_loop"
_SCOPE = "npu_runconfig"
_ITERATIONS = "iterations_per_loop"
_VARIABLES = (_ITERATIONS, "loop_cond", "zero", "one")
_Loop = namedtuple("_Loop", ["iteration_op", "first_iterations"])


def step_operations(fetches):
    """Lists all operations that some operations or tensors depend on, themselves included."""
    found = {}
    left = [getattr(fetch, "op", fetch) for fetch in fetches]
    while left:
        operation = left.pop()
        if operation.name not in found:
            found[operation.name] = operation
            left.extend(tensor.op for tensor in operation.inputs)
            left.extend(operation.control_inputs)
    return list(found.values())


def variables():
    """Makes the loop's four variables, or finds them: local, so that no checkpoint holds them."""
    collections = [tf.get_collection(f"{_SCOPE}_{name}") for name in _VARIABLES]
    if all(collections):
        return [found[0] for found in collections]
    with tf.variable_scope(_SCOPE):
        return [
            tf.get_variable(
                name,
                shape=[],
                dtype=tf.int64,
                initializer=tf.zeros_initializer(),
                trainable=False,
                collections=[f"{_SCOPE}_{name}", tf.GraphKeys.LOCAL_VARIABLES],
                use_resource=True,
            )
            for name in _VARIABLES
        ]


def sink(iteration_op, loss):
    """Adds the loop to the graph; `install` makes a session use it.

    Args:
        iteration_op: The operation named IterationOp.
        loss: What is fetched with it in each run.

    Raises:
        DeviceFatalError: The step cannot be run in a loop.
    """
    fetches = [iteration_op, loss]
    iterations_variable = variables()[0]
    operations = step_operations(fetches)
    handles = [operation for operation in operations if _is_handle(operation)]
    inside = [operation for operation in operations if not _is_handle(operation)]
    _check(inside)
    with tf.control_dependencies(None), tf.name_scope("npu_standin/"):
        step = tf.wrap_function(lambda: _copy(inside, handles, fetches), [])

        def body(made):
            with tf.control_dependencies([step()]):
                return made + 1

        loop = tf.while_loop(
            lambda made: made < iterations_variable.read_value(),
            body,
            [tf.constant(0, tf.int64)],
            parallel_iterations=1,
        )
    tf.add_to_collection(_COLLECTION, _Loop(iteration_op, loop.op))


def install(session, iterations_per_loop):
    """Makes a session run the loop before the step, whenever IterationOp is fetched.

    Only this session object is changed, never the class.
    """
    for variable, value in zip(variables(), (iterations_per_loop - 1, 0, 0, 1)):
        variable.load(value, session=session)
    sunk = session.graph.get_collection(_COLLECTION)
    if not sunk or hasattr(session.run, "of_npu_standin"):
        return
    loop, run_once = sunk[-1], session.run

    def run(fetches, feed_dict=None, options=None, run_metadata=None):
        if not _contains(fetches, loop.iteration_op):
            return run_once(fetches, feed_dict, options, run_metadata)
        if feed_dict:
            raise DeviceFatalError("a sunk loop takes its data from a dataset, not from a feed")
        run_once(loop.first_iterations)
        counts["sunk_runs"] += 1
        return run_once(fetches, None, options, run_metadata)

    run.of_npu_standin = True
    session.run = run


def _copy(inside, handles, fetches):
    """Copies the step into the function that is being built."""
    graph = ops.get_default_graph()
    names = {handle.name for handle in handles}
    definition = graph_pb2.GraphDef()
    definition.versions.CopyFrom(fetches[0].graph.graph_def_versions)
    for operation in inside:
        node = definition.node.add()
        node.CopyFrom(operation.node_def)
        node.attr.pop("_class", None)  # May name a variable, which stays outside.
        inputs = [name for name in node.input if name.lstrip("^") not in names or name[0] != "^"]
        del node.input[:]
        node.input.extend(inputs)
    if any(value.HasField("func") for node in definition.node for value in node.attr.values()):
        definition.library.CopyFrom(fetches[0].graph.as_graph_def().library)
    outside = {f"{handle.name}:0": graph.capture(handle.outputs[0]) for handle in handles}
    tf.import_graph_def(definition, input_map=outside, name="step")
    ends = [
        graph.get_operation_by_name("step/" + getattr(fetch, "op", fetch).name) for fetch in fetches
    ]
    with tf.control_dependencies(ends):
        return tf.constant(0)


def _check(operations):
    for operation in operations:
        if operation.type == "Placeholder":
            raise DeviceFatalError(
                f"{operation.name} would have to be fed, and a sunk loop takes no feeds"
            )
        if any(output.dtype._is_ref_dtype for output in operation.outputs):
            # A limit of the stand-in alone: functions cannot take reference variables.
            raise NotImplementedError(f"{operation.name} is no resource variable")


def _is_handle(operation):
    return (
        not operation.inputs
        and len(operation.outputs) == 1
        and operation.outputs[0].dtype == tf.resource
    )


def _contains(fetches, operation):
    if isinstance(fetches, dict):
        fetches = list(fetches.values())
    if isinstance(fetches, (list, tuple)):
        return any(_contains(fetch, operation) for fetch in fetches)
    return fetches is operation or (isinstance(fetches, str) and fetches == operation.name)
