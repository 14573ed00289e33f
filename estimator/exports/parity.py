"""Whether an export computes what its checkpoint does, on a random picture."""

import io
from collections import namedtuple

import numpy as np
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.exports.formats import BYTES_INPUT, BYTES_OUTPUT, BYTES_SIGNATURE
from estimator.trained import predictor as predictors
from estimator.trained.output_files import encode_png, to_uint8
from estimator.trained.predictor import INPUT, OUTPUT
from estimator.trained.weights import inference_graph_builder

Reference = namedtuple("Reference", ["pixels", "pictures", "outputs"])
Reference.__doc__ = """`pixels`, random uint8 [batch, height, width, channels]; the same as
`pictures`, float32 in [-1, 1]; and `outputs`, what the checkpoint makes of them."""


def reference(options, batch_size):
    """Restores the checkpoint as variables, as testing does, and translates random pictures.

    Args:
        options: `Options`.
        batch_size: Pictures.

    Returns:
        `Reference`.
    """
    shape = [batch_size, *options.fine_size, options.input_nc]
    pixels = np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
    pictures = pixels.astype(np.float32) / 127.5 - 1.0
    with tf.Graph().as_default(), tf.Session() as session:
        inference_graph_builder(options, batch_size)()
        path = tf.train.latest_checkpoint(options.checkpoint_dir)
        tf.train.Saver().restore(session, path)
        return Reference(pixels, pictures, session.run(f"{OUTPUT}:0", {f"{INPUT}:0": pictures}))


def difference_of_graph(path, check):
    """Computes the largest difference of a frozen graph's output.

    Args:
        path: Of the .pb file.
        check: `Reference`.

    Returns:
        The largest absolute difference; the same goes for the functions below.
    """
    return _largest(predictors.from_graph(path)(check.pictures), check.outputs)


def difference_of_saved_model(folder, check):
    """Computes the same of a SavedModel's float signature."""
    return _largest(predictors.from_saved_model(folder)(check.pictures), check.outputs)


def difference_of_bytes(folder, check):
    """Computes the same of its signature of encoded pictures, in levels of 255."""
    with tf.Graph().as_default(), tf.Session() as session:
        model = tf.saved_model.loader.load(session, ["serve"], folder)
        signature = model.signature_def[BYTES_SIGNATURE]
        files = [encode_png(pixels) for pixels in check.pixels]
        encoded = session.run(
            signature.outputs[BYTES_OUTPUT].name, {signature.inputs[BYTES_INPUT].name: files}
        )
    outputs = np.stack([np.asarray(Image.open(io.BytesIO(each)), np.float32) for each in encoded])
    return _largest(outputs.reshape(check.outputs.shape), to_uint8(check.outputs))


def difference_of_tflite(path, check):
    """Computes the same of a TFLite file's output."""
    interpreter = tf.lite.Interpreter(model_path=path)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], check.pictures)
    interpreter.invoke()
    output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return _largest(output, check.outputs)


def _largest(outputs, expected):
    return float(np.max(np.abs(outputs - expected.astype(np.float32))))
