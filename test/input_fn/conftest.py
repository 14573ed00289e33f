"""Pairs of known pixels on disk, and what becomes of them as values."""

import contextlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

tf.logging.set_verbosity(tf.logging.ERROR)


@pytest.fixture(scope="session")
def noise():
    """Makes a picture of random levels."""

    def make(*shape, seed=0):
        return np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)

    return make


@pytest.fixture(scope="session")
def resized():
    """Resizes by Pillow, which computes in floats when given one channel of floats."""

    def resize(picture, height, width):
        channels = [Image.fromarray(picture[..., n].astype(np.float32)) for n in range(3)]
        return np.stack([one.resize((width, height), Image.BILINEAR) for one in channels], axis=-1)

    return resize


@pytest.fixture(scope="session")
def save_pair(tmp_path_factory):
    """Saves a left and a right half as one file, by default a PNG, and returns its path."""

    def save(left, right, name="1.png", **options):
        path = str(tmp_path_factory.mktemp("pair") / name)
        Image.fromarray(np.concatenate([left, right], axis=1)).save(path, **options)
        return path

    return save


@pytest.fixture(scope="session")
def evaluate():
    """Returns the values of the tensors that `build` makes in a graph of their own."""

    def run(build):
        with tf.Graph().as_default(), tf.Session() as session:
            return session.run(build())

    return run


@pytest.fixture(scope="session")
def take():
    """Returns the first batches, or without a count all, of the dataset that `build` makes.

    A list given as `batches` has those before an error, if there is one.
    """

    def run(build, count=None, batches=None):
        batches = [] if batches is None else batches
        with tf.Graph().as_default(), tf.Session() as session:
            dataset = build() if count is None else build().take(count)
            following = tf.data.make_one_shot_iterator(dataset).get_next()
            with contextlib.suppress(tf.errors.OutOfRangeError):
                while True:
                    batches.append(session.run(following))
        return batches

    return run
