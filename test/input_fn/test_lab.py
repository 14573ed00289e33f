"""Lab both ways, against scikit-image."""

import numpy as np
import pytest
import skimage.color
import tensorflow.compat.v1 as tf

from input_fn.lab import lab_to_rgb, rgb_to_lab

# The corners of the cube of colours, greys, and the dark ones where the curves are straight lines.
CORNERS = np.stack(np.meshgrid([0, 255], [0, 255], [0, 255]), axis=-1).reshape(-1, 3)
GREYS = np.repeat(np.arange(256)[:, None], 3, axis=1)
DARK = np.stack(np.meshgrid(range(14), range(14), range(14)), axis=-1).reshape(-1, 3)


@pytest.fixture(params=["noise", "corners", "greys", "dark"])
def rgb(request, noise):
    sets = {"corners": CORNERS, "greys": GREYS, "dark": DARK, "noise": noise(5000, 3)}
    return sets[request.param].astype(np.uint8)


def test_rgb_to_lab_agrees_with_scikit_image(evaluate, rgb):
    lightness, colour = evaluate(lambda: rgb_to_lab(tf.constant(rgb, tf.float32)))
    assert (lightness.shape, colour.shape) == ((len(rgb), 1), (len(rgb), 2))
    expected = skimage.color.rgb2lab(rgb)
    np.testing.assert_allclose((lightness[:, 0] + 1) * 50, expected[:, 0], atol=0.01)
    np.testing.assert_allclose(colour * 110, expected[:, 1:], atol=0.05)
    assert np.abs([lightness.min(), lightness.max(), colour.min(), colour.max()]).max() < 1.0001


def test_lab_to_rgb_agrees_with_scikit_image(evaluate, rgb):
    lab = skimage.color.rgb2lab(rgb).astype(np.float32)
    found = evaluate(
        lambda: lab_to_rgb(tf.constant(lab[:, :1] / 50 - 1), tf.constant(lab[:, 1:] / 110))
    )
    np.testing.assert_allclose((found + 1) / 2, skimage.color.lab2rgb(lab), atol=2e-3)
    # There and back again: to the level.
    np.testing.assert_array_equal(np.rint((found + 1) * 127.5), rgb)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_colours_that_no_screen_has_are_cut_off(evaluate):
    random = np.random.RandomState(0)
    lightness, colour = random.uniform(-1, 1, (5000, 1)), random.uniform(-1, 1, (5000, 2))
    found = evaluate(
        lambda: lab_to_rgb(tf.constant(lightness, tf.float32), tf.constant(colour, tf.float32))
    )
    assert np.isfinite(found).all()
    assert (found.min(), found.max()) == (-1, pytest.approx(1, abs=1e-6))
    # Whether by rounding or by cutting, no level is off.
    lab = np.concatenate([(lightness + 1) * 50, colour * 110], axis=1)
    inside = np.abs(skimage.color.rgb2lab(skimage.color.lab2rgb(lab)) - lab).max(axis=1) < 0.01
    assert inside.sum() > 100
    expected = skimage.color.lab2rgb(lab)[inside]
    np.testing.assert_allclose((found[inside] + 1) / 2, expected, atol=2e-3)


def test_gradients_are_finite_everywhere(evaluate):
    values = np.linspace(-1, 1, 41, dtype=np.float32)
    grid = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(-1, 3)

    def gradient():
        lab = tf.constant(grid)
        return tf.gradients(lab_to_rgb(lab[:, :1], lab[:, 1:]), lab)[0]

    assert np.isfinite(evaluate(gradient)).all()
