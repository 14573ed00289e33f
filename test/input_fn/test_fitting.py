"""Single pictures to the network's size and back, against Pillow and NumPy."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import FITS, PNG, PairFormat, input_of_file, restored, unpadded

SIZE = (64, 64)


def gradient(width, height):
    """A picture without edges, uint8 [height, width, 3]."""
    rows, columns = np.mgrid[:height, :width]
    planes = [rows * 255 // height, columns * 255 // width, rows * 0 + 60]
    return np.stack(planes, axis=-1).astype(np.uint8)


def there_and_back(pixels, fit, channels=3):
    """Returns what the network sees, in levels, and what comes back of it with and without size."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    pair_format = PairFormat("AtoB", channels, 3, SIZE, SIZE)
    with tf.Graph().as_default(), tf.Session() as session:
        x, size = input_of_file(tf.constant(buffer.getvalue()), pair_format, {PNG}, fit)
        assert x.shape.as_list() == [*SIZE, channels]
        pictures = session.run([x, unpadded(x, size, fit), restored(x, size, fit), size])
    assert tuple(pictures[3]) == pixels.shape[:2]
    return [(picture + 1) * 127.5 for picture in pictures[:3]]


@pytest.mark.parametrize("fit", FITS)
def test_a_picture_of_the_networks_size_is_taken_and_given_back_as_it_is(fit):
    pixels = gradient(64, 64)
    for picture in there_and_back(pixels, fit):
        np.testing.assert_allclose(picture, pixels, atol=0.01)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("size", [(100, 40), (40, 100), (30, 20), (1000, 3), (1, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size_fits_and_stays_in_range(fit, size, channels):
    seen, _, back = there_and_back(gradient(*size), fit, channels)
    assert np.min(seen) >= 0
    assert np.max(seen) <= 255.001
    if fit != "crop":
        assert back.shape == (size[1], size[0], channels)


def test_stretching_is_as_pillow_resizes():
    pixels = gradient(90, 50)
    seen = there_and_back(pixels, "stretch")[0]
    expected = np.asarray(Image.fromarray(pixels).resize((64, 64), Image.BILINEAR), float)
    assert np.abs(seen - expected).max() < 1.5


def test_mirroring_keeps_the_shape_and_continues_by_the_mirror_image():
    seen, cut, _ = there_and_back(gradient(128, 64), "mirror")  # To 64x32, with 32 rows to fill.
    assert cut.shape == (32, 64, 3)
    np.testing.assert_array_equal(seen, np.pad(cut, [(0, 32), (0, 0), (0, 0)], mode="symmetric"))


def test_a_strip_is_mirrored_over_and_over():
    seen, cut, _ = there_and_back(gradient(6, 128), "mirror")  # To 3 columns of 64 rows.
    assert cut.shape == (64, 3, 3)
    expected = np.pad(cut, [(0, 0), (0, 61), (0, 0)], mode="symmetric")
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize("fit", ["stretch", "pad", "mirror"])
def test_there_and_back_is_nearly_the_picture(fit):
    pixels = gradient(90, 50)
    difference = np.abs(there_and_back(pixels, fit)[2] - pixels)
    # The margins of "pad" are black, and a cubic filter sees a little of them.
    assert difference[4:-4].mean() < 1.5


def test_of_a_cropped_picture_the_part_that_was_seen_comes_back_at_its_size():
    pixels = gradient(150, 100)
    back = there_and_back(pixels, "crop")[2]
    assert back.shape == (100, 100, 3)
    assert np.abs(back - pixels[:, 25:125]).mean() < 1.5
