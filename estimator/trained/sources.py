"""Where a predictor comes from: a checkpoint, a frozen graph, a SavedModel."""

import os

import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.options import views
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.note import Note, assumed_note, read_note
from estimator.trained.predictor import Predictor
from estimator.trained.weights import freeze, load_graph_def, load_weights
from model_fn import INPUT, OUTPUT

SIGNATURE = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
NOTE_OF_SAVED_MODEL = "model.json"


def from_checkpoint(options, config=None, fit=None, batch_size=None):
    """Makes a predictor of a run's checkpoint, which and with what dropout as the options say.

    Args:
        options: `Options`.
        config: `tf.ConfigProto`, or None.
        fit: As of `Predictor`; this and `config` are the same for the functions below.
        batch_size: The number of pictures that the graph takes at a time; None for any.

    Returns:
        `Predictor`.

    Raises:
        OptionsError: The checkpoint cannot be used.
    """
    graph_def = freeze(options, load_weights(options), batch_size)
    note = Note(views.pair_format(options), choose_checkpoint(options).step)
    return _from_graph_def(
        graph_def, note, f"--checkpoint_dir {options.checkpoint_dir}", config, fit
    )


def from_graph(path, config=None, fit=None):
    """Makes a predictor of a frozen graph's file; the note beside it says how it is to be used.

    Raises:
        OptionsError: It is not the graph of a generator, or its note cannot be read.
    """
    source = f"--graph {path}"
    graph_def = load_graph_def(path, "--graph")
    note = read_note(os.path.splitext(path)[0] + ".json", source)
    return _from_graph_def(graph_def, note or assumed_note, source, config, fit)


def _from_graph_def(graph_def, note, source, config, fit):
    graph = tf.Graph()
    with graph.as_default():
        try:
            tf.import_graph_def(graph_def, name="")
        except ValueError as error:
            reason = str(error).splitlines()[0]
            raise OptionsError(f"{source}: cannot be used here ({reason})") from None
    session = tf.Session(graph=graph, config=config)
    return Predictor(session, f"{INPUT}:0", f"{OUTPUT}:0", note, source, fit)


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
    return Predictor(session, *names, note or assumed_note, source, fit)


def _newest_version(folder):
    if not os.path.isdir(folder) or os.path.exists(os.path.join(folder, "saved_model.pb")):
        return folder
    versions = [name for name in os.listdir(folder) if name.isdigit()]
    return os.path.join(folder, max(versions, key=int)) if versions else folder
