"""Whether an export computes what its checkpoint does, on random pictures."""

import contextlib
import io
import os
from collections import namedtuple
from dataclasses import replace

import numpy as np
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.exports.formats import BYTES_INPUT, BYTES_OUTPUT, BYTES_SIGNATURE
from estimator.options import views
from estimator.runtime import quiet
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.sources import from_graph, from_saved_model
from estimator.trained.weights import inference_graph_builder
from input_fn import SIDE_BY_SIDE, SINGLE, evaluation_dataset, list_pairs, shown, to_levels
from model_fn import INPUT, OUTPUT

Reference = namedtuple("Reference", ["pictures", "outputs"])
Reference.__doc__ = """`pictures`, random float32 [batch, height, width, channels] in [-1, 1]; and
`outputs`, what the checkpoint makes of them."""

_FILES = 2
_DEEP_WHITE = 65535


def reference(options, batch_size):
    """Restores the checkpoint as variables, as testing does, and translates random pictures.

    Args:
        options: `Options`.
        batch_size: Pictures.

    Returns:
        `Reference`.
    """
    channels = views.pair_format(options).input_channels
    shape = [batch_size, *options.fine_size, channels]
    pictures = np.random.RandomState(0).uniform(-1.0, 1.0, shape).astype(np.float32)
    with _restored(options, batch_size) as session:
        return Reference(pictures, session.run(f"{OUTPUT}:0", {f"{INPUT}:0": pictures}))


@contextlib.contextmanager
def _restored(options, batch_size):
    """Opens a session in which the generator's variables are those of the checkpoint."""
    with tf.Graph().as_default(), tf.Session() as session:
        inference_graph_builder(options, batch_size)()
        tf.train.Saver().restore(session, choose_checkpoint(options).path)
        yield session


def difference_of_graph(path, check):
    """Computes the largest difference of the output of a frozen graph or an ONNX model.

    Args:
        path: Of the file.
        check: `Reference`.

    Returns:
        The largest absolute difference; the same goes for the functions below.
    """
    with from_graph(path) as predictor:
        return _largest(predictor.translate(check.pictures), check.outputs)


def levels_apart(path, options, pictures):
    """Computes how far what is shown of a file's outputs is from the checkpoint.

    Args:
        path: As for `difference_of_graph`.
        options: `Options`.
        pictures: float32 [any, height, width, channels] in [-1, 1].

    Returns:
        The mean and the largest absolute difference, in levels of 255.
    """
    pair_format = views.pair_format(options)
    with from_graph(path) as predictor:
        outputs = predictor.translate(pictures)
    with _restored(options, batch_size=1) as session:
        expected = [
            session.run(f"{OUTPUT}:0", {f"{INPUT}:0": picture[None]}) for picture in pictures
        ]
    with tf.Graph().as_default(), tf.Session() as session:
        shown_levels = [
            session.run(to_levels(shown(tf.constant(pictures), tf.constant(each), pair_format)))
            for each in (outputs, np.concatenate(expected))
        ]
    differences = np.abs(np.subtract(*(levels.astype(np.float32) for levels in shown_levels)))
    return float(differences.mean()), float(differences.max())


def difference_of_saved_model(folder, check):
    """Computes the same of a SavedModel's float signature."""
    return _largest(from_saved_model(folder).translate(check.pictures), check.outputs)


def difference_of_tflite(path, check):
    """Computes the same of a TFLite file's output."""
    interpreter = tf.lite.Interpreter(model_path=path)
    with quiet():
        interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], check.pictures)
    interpreter.invoke()
    output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return _largest(output, check.outputs)


def difference_of_bytes(folder, options, workplace):
    """Computes, in levels of 255, how far the signature of encoded pictures is from testing.

    Testing reads pairs of files: here each picture is paired with itself and goes through the
    pipeline of evaluation and the checkpoint's network.

    Args:
        folder: Of the SavedModel.
        options: `Options`.
        workplace: An empty folder for the pairs.

    Returns:
        The largest absolute difference.
    """
    pair_format = views.pair_format(options)
    pictures = [_random_picture(pair_format, seed) for seed in range(_FILES)]
    expected = _tested(pictures, options, pair_format, workplace)
    with tf.Graph().as_default(), tf.Session() as session:
        model = tf.saved_model.loader.load(session, ["serve"], folder)
        signature = model.signature_def[BYTES_SIGNATURE]
        encoded = session.run(
            signature.outputs[BYTES_OUTPUT].name,
            {signature.inputs[BYTES_INPUT].name: _as_files(pictures)},
        )
    outputs = [np.asarray(Image.open(io.BytesIO(each)), np.float32) for each in encoded]
    return _largest(np.stack(outputs).reshape(expected.shape), expected)


def _random_picture(pair_format, seed):
    """Makes a picture of another size than the network's, of the type that the run's files had."""
    height, width = pair_format.fine_size
    channels = 4 if pair_format.alpha != "drop" else 3
    deep = pair_format.value_range is not None
    shape = [height + 6, width + 10, channels]
    top, kind = (_DEEP_WHITE, np.uint16) if deep else (255, np.uint8)
    return np.random.RandomState(seed).randint(0, top + 1, shape).astype(kind)


def _as_files(pictures):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run([tf.image.encode_png(tf.constant(picture)) for picture in pictures])


def _tested(pictures, options, pair_format, workplace):
    """Translates pictures as the test phase does; returns uint8 [any, height, width, channels]."""
    layout = SINGLE if pair_format.lab else SIDE_BY_SIDE
    if not pair_format.lab:
        # The partner is not looked at: it is the picture itself.
        bands = pair_format.input_bands
        pair_format = replace(
            pair_format,
            layout=layout,
            output_channels=pair_format.input_channels,
            value_range=bands and tuple(band[:2] for band in bands) * 2,
            output_palette=pair_format.input_palette,
            log_bands=tuple(name for name in pair_format.log_bands if name.startswith("input")),
            weights=None,
        )
        pictures = [np.concatenate([picture, picture], axis=1) for picture in pictures]
    for number, content in enumerate(_as_files(pictures)):
        with open(os.path.join(workplace, f"{number}.png"), "wb") as file:
            file.write(content)
    pairs = list_pairs(workplace, layout=layout)
    with tf.Graph().as_default(), tf.Session() as session:
        dataset = evaluation_dataset(pairs, pair_format, batch_size=len(pairs))
        features, _ = tf.data.make_one_shot_iterator(dataset).get_next()
        x = session.run(features["input"])
    with _restored(options, batch_size=len(x)) as session:
        output = session.graph.get_tensor_by_name(f"{OUTPUT}:0")
        presented = to_levels(shown(tf.constant(x), output, views.pair_format(options)))
        return session.run(presented, {f"{INPUT}:0": x})


def _largest(outputs, expected):
    return float(np.max(np.abs(outputs.astype(np.float32) - expected.astype(np.float32))))
