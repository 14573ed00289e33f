"""Colorization: the way to Lab in the pipeline, and back to what is shown."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image
from skimage import color

from input_fn import PairFormat, evaluation_dataset, list_pairs, shown, to_levels
from input_fn.lab import lab_to_rgb

FORMAT = PairFormat("AtoB", 1, 2, (64, 64), (64, 64), layout="single", lab=True)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A photo of 64x64 with black, white, the six pure colours and noise."""
    pixels = np.random.RandomState(0).randint(0, 256, (64, 64, 3)).astype(np.uint8)
    corners = [[r, g, b] for r in (0, 255) for g in (0, 255) for b in (0, 255)]
    pixels[0, :8] = corners
    pixels[1, :] = np.arange(64)[:, None]  # Dark greys, where the curves are straight.
    path = tmp_path_factory.mktemp("photos") / "1.png"
    Image.fromarray(pixels).save(str(path))
    return str(path.parent), pixels


@pytest.fixture(scope="module")
def round_trip(photo):
    """L and ab as the network sees them, and the picture that is shown of them."""
    with tf.Graph().as_default(), tf.Session() as session:
        dataset = evaluation_dataset(list_pairs(photo[0], layout="single"), FORMAT)
        features, y = tf.data.make_one_shot_iterator(dataset).get_next()
        levels = to_levels(shown(features["input"], y, FORMAT))
        return [value[0] for value in session.run([features["input"], y, levels])]


def test_lightness_and_colour_are_those_of_scikit_image(photo, round_trip):
    lab = color.rgb2lab(photo[1])
    lightness, colour, _ = round_trip
    np.testing.assert_allclose((lightness[..., 0] + 1) * 50, lab[..., 0], atol=0.02)
    np.testing.assert_allclose(colour * 110, lab[..., 1:], atol=0.05)


def test_both_are_within_what_a_tanh_can_give(round_trip):
    lightness, colour, _ = round_trip
    assert lightness.min() >= -1.0001
    assert lightness.max() <= 1.0001
    assert np.abs(colour).max() < 1


def test_the_way_there_and_back_is_exact_to_one_level(photo, round_trip):
    difference = np.abs(round_trip[2].astype(int) - photo[1].astype(int))
    assert difference.max() <= 1


def test_colours_that_no_screen_has_are_cut_off():
    with tf.Graph().as_default(), tf.Session() as session:
        lightness = tf.constant([[[-1.0], [1.0], [0.0]]])
        colour = tf.constant([[[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]]])
        rgb = session.run(lab_to_rgb(lightness, colour))
    assert np.isfinite(rgb).all()
    assert np.abs(rgb).max() <= 1
