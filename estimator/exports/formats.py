"""The generator as a frozen graph, a SavedModel and a TFLite file."""

import contextlib
import os
import sys

import tensorflow.compat.v1 as tf

from estimator.trained.predictor import INPUT, OUTPUT, SIGNATURE
from estimator.trained.weights import freeze
from hooks import describe_tensor, write_bytes_atomically, write_frozen_graph, write_json_atomically
from input_fn.decoding import decode_picture
from model_fn import to_uint8

FORMATS = ("pb", "saved_model", "tflite")

# TensorFlow Serving takes what has this ending as base64 in JSON, and gives it so.
BYTES_SIGNATURE = "encoded"
BYTES_INPUT = "image_bytes"
BYTES_OUTPUT = "output_bytes"


def write_frozen(path, options, weights, note, batch_size):
    """Writes the frozen graph and its note.

    Args:
        path: Ends in .pb; the note gets .json.
        options: `Options`.
        weights: From `load_weights`.
        note: Dict of what is baked in.
        batch_size: None for any.
    """
    write_frozen_graph(path, freeze(options, weights, batch_size), note)


def write_saved_model(folder, options, weights, note):
    """Writes a SavedModel of two signatures, for any number of pictures at a time.

    `serving_default` takes and gives float32 [any, height, width, channels] in [-1, 1] as `input`
    and `output`; `encoded` takes JPEG or PNG files of any size as strings [any], `image_bytes`,
    stretches them, and gives PNG files, `output_bytes`.

    Args:
        folder: Must not exist; its note will be `model.json` in it.
        options: `Options`.
        weights: From `load_weights`.
        note: Dict of what is baked in.
    """
    height, width = options.fine_size
    shape = [None, height, width, options.input_nc]
    make_signature = tf.saved_model.signature_def_utils.predict_signature_def
    with tf.Graph().as_default(), tf.Session() as session:
        files = tf.placeholder(tf.string, [None], name=BYTES_INPUT)
        # One copy of the weights for both signatures: what is fed here is not decoded.
        picture = tf.placeholder_with_default(_decoded(files, options), shape, name=INPUT)
        (output,) = tf.import_graph_def(
            freeze(options, weights, batch_size=None),
            {f"{INPUT}:0": picture},
            [f"{OUTPUT}:0"],
            name="network",
        )
        encoded = tf.map_fn(tf.image.encode_png, to_uint8(output), dtype=tf.string)
        builder = tf.saved_model.builder.SavedModelBuilder(folder)
        builder.add_meta_graph_and_variables(
            session,
            [tf.saved_model.tag_constants.SERVING],
            {
                SIGNATURE: make_signature({INPUT: picture}, {OUTPUT: output}),
                BYTES_SIGNATURE: make_signature({BYTES_INPUT: files}, {BYTES_OUTPUT: encoded}),
            },
            strip_default_attrs=True,
        )
        builder.save()
        ends = {INPUT: describe_tensor(picture), OUTPUT: describe_tensor(output)}
    write_json_atomically(os.path.join(folder, "model.json"), {**ends, **note})


def write_tflite(path, options, weights, batch_size):
    """Writes a TFLite file.

    Args:
        path: Of the file.
        options: `Options`.
        weights: From `load_weights`.
        batch_size: Fixed.

    Returns:
        Dict of `input` and `output`, for the note.
    """
    graph_def = freeze(options, weights, batch_size)
    with tf.Graph().as_default(), tf.Session() as session:
        picture, output = tf.import_graph_def(
            graph_def, return_elements=[f"{INPUT}:0", f"{OUTPUT}:0"], name=""
        )
        converter = tf.lite.TFLiteConverter.from_session(session, [picture], [output])
        with _tools_on_path():
            content = converter.convert()
        write_bytes_atomically(path, content)
        return {INPUT: describe_tensor(picture), OUTPUT: describe_tensor(output)}


@contextlib.contextmanager
def _tools_on_path():
    """Puts the folder of this Python's programs on PATH.

    TensorFlow 1.15 starts its converter by name, which a virtual environment that is used without
    having been activated does not have on PATH.
    """
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), path])
    try:
        yield
    finally:
        os.environ["PATH"] = path


def _decoded(files, options):
    """Decodes, stretches and scales the pictures of string [any]."""
    height, width = options.fine_size

    def decode(contents):
        pixels = tf.cast(decode_picture(contents), tf.float32)
        present = tf.shape(pixels)[:2]
        # Bilinear without aliasing, as in training.
        stretched = tf.raw_ops.ScaleAndTranslate(
            images=pixels[None],
            size=[height, width],
            scale=tf.constant([height, width], tf.float32) / tf.cast(present, tf.float32),
            translation=tf.zeros([2]),
            kernel_type="triangle",
            antialias=True,
        )[0]
        # The filter's weights may add up to a little over 1.
        picture = tf.clip_by_value(stretched, 0.0, 255.0) / 127.5 - 1.0
        picture.set_shape([height, width, 3])
        return tf.image.rgb_to_grayscale(picture) if options.input_nc == 1 else picture

    return tf.map_fn(decode, files, dtype=tf.float32)
