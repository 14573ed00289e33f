"""The generator's weights: from a checkpoint, and as constants in a graph."""

import functools
import os

import tensorflow.compat.v1 as tf
from google.protobuf.message import DecodeError

from estimator.errors import OptionsError
from estimator.options import views
from estimator.run.checkpoints import UNREADABLE
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.note import make_note
from input_fn import write_bytes, write_json
from model_fn import build_inference_graph, describe_ends, freeze_graph_def, predicting_scope


def load_graph_def(path, flag):
    """Reads a frozen graph.

    Args:
        path: Of the .pb file.
        flag: The flag that named it, for messages.

    Returns:
        `tf.GraphDef`.

    Raises:
        OptionsError: The file cannot be read or is not a graph.
    """
    graph_def = tf.GraphDef()
    try:
        with open(path, "rb") as file:
            graph_def.ParseFromString(file.read())
    except (OSError, DecodeError) as error:
        raise OptionsError(
            f"{flag} {path}: cannot be read as a frozen graph ({error}); name a .pb file"
        ) from None
    if not graph_def.node:
        raise OptionsError(f"{flag} {path}: holds no graph; name a .pb file")
    return graph_def


def load_weights(options):
    """Reads the generator's weights, or their average, from the checkpoint that `--step` chooses.

    Args:
        options: `Options`.

    Returns:
        Dict of variable name to array.

    Raises:
        OptionsError: The checkpoint cannot be read, or is not of the network of the options.
    """
    path = choose_checkpoint(options).path
    try:
        reader = tf.train.load_checkpoint(path)
        held = reader.get_variable_to_shape_map()
        for name, shape in wanted_shapes(options).items():
            if held.get(name) != shape:
                raise OptionsError(
                    f"{path}: has {name} of shape {held.get(name)}, the network of "
                    f"options.json has {shape}; the folder mixes two runs"
                )
        scope = predicting_scope(views.objective_config(options))
        return {name: reader.get_tensor(name) for name in held if name.startswith(scope)}
    except UNREADABLE as error:
        if isinstance(error, OptionsError):
            raise
        reason = str(error).splitlines()[0]
        raise OptionsError(f"{path}: cannot be read ({reason}); use another checkpoint") from None


def wanted_shapes(options):
    """Lists the generator's variables, a dict of name to list of sides, as `Options` make them."""
    with tf.Graph().as_default():
        inference_graph_builder(options)()
        return {variable.op.name: variable.shape.as_list() for variable in tf.global_variables()}


def inference_graph_builder(options, batch_size=1, given_statistics=False, dtype=tf.float32):
    """Makes the function that builds the generator between nodes `input` and `output`.

    Args:
        options: `Options`; dropout is as `test_dropout` says.
        batch_size: Fixed; None for any.
        given_statistics: As of `build_inference_graph`.
        dtype: Likewise.

    Returns:
        Function without arguments.
    """
    return functools.partial(
        build_inference_graph,
        views.network_config(options),
        views.objective_config(options),
        batch_size,
        given_statistics,
        dtype,
    )


def freeze(options, weights, batch_size=1, given_statistics=False, dtype=tf.float32):
    """Builds the generator with constants for variables; see `inference_graph_builder`."""
    build = inference_graph_builder(options, batch_size, given_statistics, dtype)
    return freeze_graph_def(build, weights)


def write_frozen(
    path, options, weights, step, batch_size=1, given_statistics=False, dtype=tf.float32
):
    """Writes the frozen graph, and its note to the same name with .json.

    The note is written first: whoever finds a graph finds its note.

    Args:
        path: Ends in .pb.
        options: `Options`; dropout is as `test_dropout` says.
        weights: From `load_weights`, or the same from a session.
        step: Of the weights.
        batch_size: Fixed; None for any.
        given_statistics: As of `build_inference_graph`.
        dtype: Likewise.

    Raises:
        OSError: A file cannot be written.
    """
    graph_def = freeze(options, weights, batch_size, given_statistics, dtype)
    note = {**describe_ends(graph_def), **make_note(options, step, dtype)}
    if given_statistics:
        note["norm"] += ", or as given"
    write_json(os.path.splitext(path)[0] + ".json", note)
    write_bytes(path, graph_def.SerializeToString(deterministic=True))
