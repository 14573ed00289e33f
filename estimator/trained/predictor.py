"""The trained generator as a function of arrays: from a checkpoint, a graph, a SavedModel."""

import os

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError, RunError
from estimator.trained.weights import freeze, load_graph_def, load_weights

SIGNATURE = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
INPUT = "input"
OUTPUT = "output"


class Predictor:
    """Translates batches of pictures.

    Attributes:
        size: (height, width) of pictures.
        input_channels: 3 (RGB) or 1 (grey).
        batch_size: Pictures in a batch; None for any number.

    Args:
        session: A session.
        input_name: Name of its graph's input, float32 [batch, height, width, channels].
        output_name: Name of the output.
        source: Flag and value that named the model, for messages.

    Raises:
        OptionsError: The graph has other ends than a generator.
    """

    def __init__(self, session, input_name, output_name, source):
        self._session = session
        try:
            self._input = session.graph.get_tensor_by_name(input_name)
            self._output = session.graph.get_tensor_by_name(output_name)
        except KeyError:
            raise OptionsError(
                f"{source}: has no node {input_name} or no {output_name}; name a model that "
                "export.py or train.py wrote"
            ) from None
        shape = self._input.shape
        batch, height, width, channels = shape.as_list() if shape.ndims == 4 else [None] * 4
        if None in (height, width) or channels not in (1, 3):
            raise OptionsError(
                f"{source}: its input is of shape {shape}; pictures of a fixed size with 1 or 3 "
                "channels are needed"
            )
        if self._output.shape.as_list()[-1] not in (1, 3):
            raise OptionsError(
                f"{source}: its output is of shape {self._output.shape}; PNG files take pictures "
                "with 1 or 3 channels"
            )
        self.batch_size = batch
        self.size = (height, width)
        self.input_channels = channels

    def __call__(self, pictures):
        """Translates any number of pictures, those of a fixed batch in turns.

        Args:
            pictures: float32 [any, height, width, channels] in [-1, 1].

        Returns:
            float32 [any, height, width, output channels] in [-1, 1].

        Raises:
            RunError: The memory does not suffice.
        """
        if self.batch_size is None:
            return self._run(pictures)
        outputs = []
        for start in range(0, len(pictures), self.batch_size):
            part = pictures[start : start + self.batch_size]
            missing = self.batch_size - len(part)
            filled = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)])
            outputs.append(self._run(filled)[: len(part)])
        return np.concatenate(outputs)

    def _run(self, pictures):
        try:
            return self._session.run(self._output, {self._input: pictures})
        except tf.errors.ResourceExhaustedError:
            raise RunError("out of memory; try a smaller --batch_size") from None


def from_graph_def(graph_def, source, config=None):
    """Makes a predictor of a frozen graph with nodes `input` and `output`.

    Args:
        graph_def: `tf.GraphDef`.
        source: Flag and value that named it, for messages.
        config: `tf.ConfigProto`, or None.

    Returns:
        `Predictor`.

    Raises:
        OptionsError: It is not the graph of a generator.
    """
    graph = tf.Graph()
    with graph.as_default():
        try:
            tf.import_graph_def(graph_def, name="")
        except ValueError as error:
            reason = str(error).splitlines()[0]
            raise OptionsError(f"{source}: cannot be used here ({reason})") from None
    session = tf.Session(graph=graph, config=config)
    return Predictor(session, f"{INPUT}:0", f"{OUTPUT}:0", source)


def from_checkpoint(options, config=None):
    """Makes a predictor of a run's newest checkpoint; dropout as `options.test_dropout` says."""
    graph_def = freeze(options, load_weights(options), batch_size=None)
    return from_graph_def(graph_def, f"--checkpoint_dir {options.checkpoint_dir}", config)


def from_graph(path, config=None):
    """Makes a predictor of a frozen graph's file."""
    return from_graph_def(load_graph_def(path, "--graph"), f"--graph {path}", config)


def from_saved_model(folder, config=None):
    """Makes a predictor of a SavedModel, or of the newest in a folder of numbered ones.

    Args:
        folder: Of `saved_model.pb`, or of subfolders whose names are numbers.
        config: `tf.ConfigProto`, or None.

    Returns:
        `Predictor`.

    Raises:
        OptionsError: There is no SavedModel, or it is not that of a generator.
    """
    source = f"--saved_model {folder}"
    session = tf.Session(graph=tf.Graph(), config=config)
    try:
        model = tf.saved_model.loader.load(session, ["serve"], _newest_version(folder))
    except (OSError, RuntimeError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise OptionsError(
            f"{source}: cannot be loaded ({reason}); name the folder of saved_model.pb"
        ) from None
    signature = model.signature_def.get(SIGNATURE)
    if signature is None or INPUT not in signature.inputs or OUTPUT not in signature.outputs:
        raise OptionsError(
            f"{source}: has no signature {SIGNATURE} from {INPUT} to {OUTPUT}; name one that "
            "export.py wrote"
        )
    names = signature.inputs[INPUT].name, signature.outputs[OUTPUT].name
    return Predictor(session, *names, source)


def _newest_version(folder):
    if not os.path.isdir(folder) or os.path.exists(os.path.join(folder, "saved_model.pb")):
        return folder
    versions = [name for name in os.listdir(folder) if name.isdigit()]
    return os.path.join(folder, max(versions, key=int)) if versions else folder
