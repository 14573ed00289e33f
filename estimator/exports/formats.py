"""The generator as a frozen graph, a SavedModel and a TFLite file."""

import contextlib
import os
import sys

import tensorflow.compat.v1 as tf

from estimator.options import views
from estimator.runtime import quiet
from estimator.trained.sources import NOTE_OF_SAVED_MODEL, SIGNATURE
from estimator.trained.weights import freeze
from input_fn import (
    JPEG,
    PNG,
    PNG_CHANNELS,
    encode_png,
    input_of_file,
    shown,
    to_levels,
    write_bytes,
    write_json,
)
from model_fn import INPUT, OUTPUT, describe_tensor

# TensorFlow Serving takes what has this ending as base64 in JSON, and gives it so.
BYTES_SIGNATURE = "encoded"
BYTES_INPUT = "image_bytes"
BYTES_OUTPUT = "output_bytes"


def write_saved_model(folder, options, weights, note, dtype=tf.float32):
    """Writes a SavedModel, for any number of pictures at a time.

    `serving_default` takes and gives float32 [any, height, width, channels] in [-1, 1] as `input`
    and `output`. `encoded`, where pictures' files can hold what goes in and comes out, takes JPEG
    or PNG files of any size as strings [any], `image_bytes`, brings them to the network's size and
    values as the run did, and gives PNG files, `output_bytes`.

    Args:
        folder: Must not exist; its note will be `model.json` in it.
        options: `Options`.
        weights: From `load_weights`.
        note: Dict of what is baked in.
        dtype: In which convolutions are computed.
    """
    pair_format = views.pair_format(options)
    shape = [None, *pair_format.fine_size, pair_format.input_channels]
    make_signature = tf.saved_model.signature_def_utils.predict_signature_def
    with tf.Graph().as_default(), tf.Session() as session:
        if takes_files(pair_format):
            files = tf.placeholder(tf.string, [None], name=BYTES_INPUT)
            # One copy of the weights for both signatures: what is fed here is not decoded.
            picture = tf.placeholder_with_default(_decoded(files, pair_format), shape, name=INPUT)
        else:
            picture = tf.placeholder(tf.float32, shape, name=INPUT)
        (output,) = tf.import_graph_def(
            freeze(options, weights, batch_size=None, dtype=dtype),
            {f"{INPUT}:0": picture},
            [f"{OUTPUT}:0"],
            name="network",
        )
        signatures = {SIGNATURE: make_signature({INPUT: picture}, {OUTPUT: output})}
        if takes_files(pair_format):
            levels = to_levels(shown(picture, output, pair_format))
            encoded = tf.map_fn(encode_png, levels, dtype=tf.string)
            signatures[BYTES_SIGNATURE] = make_signature(
                {BYTES_INPUT: files}, {BYTES_OUTPUT: encoded}
            )
        builder = tf.saved_model.builder.SavedModelBuilder(folder)
        builder.add_meta_graph_and_variables(
            session,
            [tf.saved_model.tag_constants.SERVING],
            signatures,
            strip_default_attrs=True,
        )
        builder.save()
        ends = {INPUT: describe_tensor(picture), OUTPUT: describe_tensor(output)}
    write_json(os.path.join(folder, NOTE_OF_SAVED_MODEL), {**ends, **note})


def takes_files(pair_format):
    """Whether JPEG and PNG files can hold what the network takes and gives: not 2 or 5 channels.

    Nor is it one file if the network joins several inputs.
    """
    if pair_format.lab:
        return True
    gives = pair_format.output_palette is not None or pair_format.output_channels in PNG_CHANNELS
    return pair_format.takes_picture and gives


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
        with _tools_on_path(), quiet():
            content = converter.convert()
        write_bytes(path, content)
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


def _decoded(files, pair_format):
    """Turns the files of string [any] into the network's input."""

    def decode(contents):
        return input_of_file(contents, pair_format, {JPEG, PNG})[0]

    return tf.map_fn(decode, files, dtype=tf.float32)
