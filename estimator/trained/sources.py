"""Where a predictor comes from: a checkpoint, a frozen graph, an ONNX file, a SavedModel."""

import os

import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.options import views
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.note import Note, assumed_note, note_of_text, read_note
from estimator.trained.onnx_network import OnnxNetwork
from estimator.trained.predictor import Predictor
from estimator.trained.tensorflow_network import TensorFlowNetwork
from estimator.trained.weights import freeze, load_graph_def, load_weights
from model_fn import INPUT, OUTPUT

SIGNATURE = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
NOTE_OF_SAVED_MODEL = "model.json"


def from_checkpoint(
    options,
    config=None,
    fit=None,
    batch_size=None,
    given_statistics=False,
    dtype=tf.float32,
):
    """Makes a predictor of a run's checkpoint, which and with what dropout as the options say.

    Args:
        options: `Options`.
        config: `tf.ConfigProto`, or None.
        fit: As of `Predictor`; this and `config` are the same for the functions below.
        batch_size: The number of pictures that the graph takes at a time; None for any.
        given_statistics: Whether the statistics of norms can be given to it.
        dtype: In which convolutions are computed.

    Returns:
        `Predictor`.

    Raises:
        OptionsError: The checkpoint cannot be used.
    """
    graph_def = freeze(options, load_weights(options), batch_size, given_statistics, dtype)
    note = Note(views.pair_format(options), choose_checkpoint(options).step)
    return _from_graph_def(
        graph_def, note, f"--checkpoint_dir {options.checkpoint_dir}", config, fit
    )


def from_graph(path, config=None, fit=None):
    """Makes a predictor of a file: a frozen graph, or an ONNX model, whose name ends in .onnx.

    The note beside it says how it is to be used; of an ONNX model also the one in its metadata.

    Raises:
        OptionsError: It is not the graph of a generator, its note cannot be read, or it is an ONNX
            model and ONNX Runtime is missing.
    """
    source = f"--graph {path}"
    if is_onnx(path):
        return _from_onnx(path, source, fit)
    graph_def = load_graph_def(path, "--graph")
    note = read_note(os.path.splitext(path)[0] + ".json", source)
    return _from_graph_def(graph_def, note or assumed_note, source, config, fit)


def is_onnx(path):
    """Whether a file is taken for an ONNX model."""
    return path.lower().endswith(".onnx")


def _from_onnx(path, source, fit):
    network = OnnxNetwork(path, source)
    note = read_note(note_of_onnx(path), source)
    if note is None and network.note is not None:
        note = note_of_text(network.note, "in its metadata", source)
    return Predictor(network, note or assumed_note, source, fit)


def note_of_onnx(path):
    """Names the note beside an ONNX model; that of a frozen graph may lie there as well."""
    return f"{path}.json"


def _from_graph_def(graph_def, note, source, config, fit):
    graph = tf.Graph()
    with graph.as_default():
        try:
            tf.import_graph_def(graph_def, name="")
        except ValueError as error:
            reason = str(error).splitlines()[0]
            raise OptionsError(f"{source}: cannot be used here ({reason})") from None
    session = tf.Session(graph=graph, config=config)
    network = TensorFlowNetwork(session, f"{INPUT}:0", f"{OUTPUT}:0", source)
    return Predictor(network, note, source, fit)


def from_saved_model(folder, config=None, fit=None):
    """Makes a predictor of a SavedModel, or of the newest in a folder of numbered ones.

    Args:
        folder: Of `saved_model.pb`, or of subfolders whose names are numbers.
        config: See `from_checkpoint`.
        fit: See `from_checkpoint`.

    Returns:
        `Predictor`.

    Raises:
        OptionsError: There is no SavedModel, or it is not that of a generator.
    """
    source = f"--saved_model {folder}"
    folder = _newest_version(folder)
    session = tf.Session(graph=tf.Graph(), config=config)
    try:
        model = tf.saved_model.loader.load(session, ["serve"], folder)
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
    note = read_note(os.path.join(folder, NOTE_OF_SAVED_MODEL), source)
    network = TensorFlowNetwork(session, *names, source)
    return Predictor(network, note or assumed_note, source, fit)


def _newest_version(folder):
    if not os.path.isdir(folder) or os.path.exists(os.path.join(folder, "saved_model.pb")):
        return folder
    versions = [name for name in os.listdir(folder) if name.isdigit()]
    return os.path.join(folder, max(versions, key=int)) if versions else folder
