"""The generator as an ONNX file, by tf2onnx."""

import contextlib
import json
import logging
import warnings

import tensorflow.compat.v1 as tf

from estimator.exports.onnx_weights import HALF, store_weights
from estimator.exports.reflections import with_mirror_pads
from estimator.extras import import_extra
from estimator.runtime import quiet
from estimator.trained.onnx_network import EXTRA, NOTE_KEY
from estimator.trained.sources import note_of_onnx
from estimator.trained.weights import freeze
from input_fn import write_bytes, write_json
from model_fn import INPUT, OUTPUT, describe_ends

_FLAG = "--formats onnx"
# Of ONNX's operations: old enough for ONNX Runtime 1.10, the last for TensorFlow 1.15's NumPy, and
# for the offline compilers of devices.
OPSET = 13
_BATCH = "batch"  # The name of a side that is not fixed.
_PACKAGES = ("tf2onnx", "onnx", "onnxruntime")
# Of tf2onnx, those that find something to do in a generator, in this order.
_OPTIMIZERS = (
    "TransposeOptimizer",
    "ConstFoldOptimizer",
    "ReshapeOptimizer",
    "IdentityOptimizer",
    "BackToBackOptimizer",
)


def require_packages(flag=_FLAG):
    """Raises `OptionsError` if what writes and checks ONNX files, for a flag, is missing."""
    for package in _PACKAGES:
        import_extra(package, EXTRA, flag)


def write_onnx(path, options, weights, note, batch_size, half=False):
    """Writes an ONNX model, from `input` to `output`, float32 NHWC, and its note.

    The note is in the model's metadata as well, so that the file can go about alone.

    Args:
        path: Ends in .onnx; the note gets the same name with .json.
        options: `Options`; dropout is as `test_dropout` says.
        weights: From `load_weights`.
        note: Dict of what is baked in.
        batch_size: Fixed; None for any.
        half: Whether weights are stored as float16. The computation is in float32 in any case: CPUs
            have few float16 operations, and the statistics of a picture need float32.

    Raises:
        OptionsError: A package is missing.
        OSError: A file cannot be written.
    """
    graph_def = freeze(options, weights, batch_size)
    ends = describe_ends(graph_def)
    for name, end in ends.items():
        end["name"] = name
    note = {**ends, **note, "stored_weights": "float16" if half else "float32"}
    content = convert(graph_def, note)
    write_json(note_of_onnx(path), note)
    write_bytes(path, store_weights(content, HALF, _FLAG) if half else content)


def convert(graph_def, note):
    """Converts a frozen generator.

    Args:
        graph_def: From `freeze`.
        note: Dict that JSON can hold, for the metadata.

    Returns:
        Bytes of an ONNX model.

    Raises:
        OptionsError: A package is missing.
    """
    onnx = import_extra("onnx", EXTRA, _FLAG)
    conversion = import_extra("tf2onnx.tfonnx", EXTRA, _FLAG)
    optimizer = import_extra("tf2onnx.optimizer", EXTRA, _FLAG)
    with tf.Graph().as_default() as graph, _silent("tf2onnx"), quiet():
        tf.import_graph_def(with_mirror_pads(graph_def), name="")
        converted = conversion.process_tf_graph(
            graph,
            opset=OPSET,
            input_names=[f"{INPUT}:0"],
            output_names=[f"{OUTPUT}:0"],
            tensors_to_rename={f"{name}:0": name for name in (INPUT, OUTPUT)},
        )
        # All of them, with errors caught, would take 16 GB for a network of 64 filters: each copies
        # the weights.
        optimized = optimizer.optimize_graph(
            converted,
            catch_errors=False,
            optimizers={name: getattr(optimizer, name) for name in _OPTIMIZERS},
        )
        model = optimized.make_model("generator")
    for end in (*model.graph.input, *model.graph.output):
        batch = end.type.tensor_type.shape.dim[0]
        if not batch.HasField("dim_value"):
            batch.dim_param = _BATCH
    onnx.helper.set_model_props(model, {NOTE_KEY: json.dumps(note)})
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


@contextlib.contextmanager
def _silent(name):
    """Keeps a package's remarks from the console; errors come as exceptions, which go through."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
