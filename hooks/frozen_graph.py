"""The generator as a frozen graph: one file of constants, with a note beside it."""

import os

import tensorflow.compat.v1 as tf

from hooks.files import write_bytes_atomically, write_json_atomically

INPUT = "input"
OUTPUT = "output"


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
    # Of what training and checks may have added, only what the output needs.
    return tf.graph_util.extract_sub_graph(graph.as_graph_def(), [OUTPUT])


def write_frozen_graph(path, graph_def, note):
    """Writes the graph, and its note to the same name with .json.

    The note is written first: whoever finds a graph finds its note.

    Args:
        path: Ends in .pb.
        graph_def: From `freeze_graph_def`.
        note: Dict that JSON can hold; shapes and types of input and output are added.
    """
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    ends = {
        name: describe_tensor(graph.get_tensor_by_name(f"{name}:0")) for name in (INPUT, OUTPUT)
    }
    write_json_atomically(os.path.splitext(path)[0] + ".json", {**ends, **note})
    write_bytes_atomically(path, graph_def.SerializeToString())


class FrozenGraphHook(tf.train.SessionRunHook):
    """Writes a frozen graph at the end and, if asked, during training.

    Args:
        global_step: int64 scalar tensor, the step after the run's update.
        build_graph: As for `freeze_graph_def`.
        variables: The variables whose values go into the graph.
        output_dir: Folder of `model-<step>.pb` and `model-<step>.json`.
        note: Dict for the JSON file; the step is added.
        every_steps: Steps between graphs; 0 for the end only.
        clock: `TrainingClock`, stopped meanwhile.
    """

    def __init__(self, global_step, build_graph, variables, output_dir, note, every_steps, clock):
        self._step_after_run = global_step
        self._build_graph = build_graph
        self._variables = {variable.op.name: variable for variable in variables}
        self._output_dir = output_dir
        self._note = note
        self._every_steps = every_steps
        self._clock = clock

    def begin(self):
        """Makes reads of the step and the variables, before the graph is finalized."""
        self._global_step = tf.train.get_or_create_global_step()
        self._reads = {name: variable.value() for name, variable in self._variables.items()}

    def after_create_session(self, session, coord):
        """Starts counting at the step that was restored."""
        self._written_step = self._first_step = int(session.run(self._global_step))

    def before_run(self, run_context):
        """Asks for the step."""
        return tf.train.SessionRunArgs(self._step_after_run)

    def after_run(self, run_context, run_values):
        """Writes a graph when the step has crossed a multiple of `every_steps`."""
        step = int(run_values.results)
        if not self._every_steps:
            return
        if step // self._every_steps > self._written_step // self._every_steps:
            self._write(run_context.session)

    def end(self, session):
        """Writes the last graph, unless it is written or no step was made."""
        if int(session.run(self._global_step)) != self._written_step:
            self._write(session)

    def _write(self, session):
        with self._clock.paused():
            step, values = session.run([self._global_step, self._reads])
            path = os.path.join(self._output_dir, f"model-{step}.pb")
            graph_def = freeze_graph_def(self._build_graph, values)
            write_frozen_graph(path, graph_def, {**self._note, "step": int(step)})
            self._written_step = int(step)


def describe_tensor(tensor):
    """Says a tensor's name, shape and type, for notes."""
    return {
        "name": tensor.name,
        "shape": tensor.shape.as_list(),
        "dtype": tensor.dtype.name,
    }
