"""The network's output to what is shown and stored, against numbers worked out by hand."""

import io
import pickle

import numpy as np
import pytest
import skimage.color
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import (
    PNG_CHANNELS,
    PairFormat,
    Presentation,
    encode_png,
    preview,
    shown,
    to_levels,
    to_unit,
)

RGB = PairFormat("AtoB", 3, 3, (8, 8), (8, 8))
LAB = PairFormat("AtoB", 1, 2, (8, 8), (8, 8), layout="single", lab=True)


class TestShown:
    def test_a_picture_is_shown_as_it_is(self):
        x, y = object(), object()
        assert shown(x, y, RGB) is y
        assert Presentation(RGB).shown(x, y) is y

    @pytest.mark.parametrize("show", [lambda x, y: shown(x, y, LAB), Presentation(LAB).shown])
    def test_of_lab_the_colours_are_shown(self, evaluate, noise, show):
        pixels = noise(2, 8, 8, 3)
        lab = skimage.color.rgb2lab(pixels).astype(np.float32)
        x, y = lab[..., :1] / 50 - 1, lab[..., 1:] / 110
        found = evaluate(lambda: show(tf.constant(x), tf.constant(y)))
        assert found.shape == (2, 8, 8, 3)
        np.testing.assert_allclose((found + 1) * 127.5, pixels, atol=0.2)


class TestLevels:
    def levels(self, evaluate, values):
        found = evaluate(lambda: to_levels(tf.constant(values, tf.float32)))
        assert found.dtype == np.uint8
        return found.tolist()

    def test_each_level_comes_back(self, evaluate):
        assert self.levels(evaluate, np.arange(256) / 127.5 - 1) == list(range(256))

    def test_others_are_rounded_to_the_nearest(self, evaluate):
        values = np.array([0.4, 0.6, 99.4, 99.6, 254.4, 254.6]) / 127.5 - 1
        assert self.levels(evaluate, values) == [0, 1, 99, 100, 254, 255]

    def test_what_is_out_of_range_is_cut_off(self, evaluate):
        assert self.levels(evaluate, [-3, -1.001, 1.001, 7, 1e9, -1e9]) == [0, 0, 255, 255, 255, 0]

    def test_those_of_a_presentation_are_the_same(self, evaluate, noise):
        values = noise(4, 4, 3) / np.float32(127.5) - 1
        found = evaluate(lambda: Presentation(RGB).levels(tf.constant(values)))
        np.testing.assert_array_equal(found, noise(4, 4, 3))


def test_the_unit_is_from_black_to_white(evaluate):
    values = np.array([-1, -0.5, 0, 1], np.float32)
    assert to_unit(values).tolist() == [0, 0.25, 0.5, 1]
    assert evaluate(lambda: to_unit(tf.constant(values))).tolist() == [0, 0.25, 0.5, 1]


class TestPng:
    @pytest.mark.parametrize(("channels", "seen"), [(1, 1), (2, 1), (3, 3), (4, 4), (5, 3), (9, 3)])
    def test_a_preview_has_as_many_channels_as_a_png_shows(self, evaluate, noise, channels, seen):
        levels = noise(4, 6, channels)
        assert seen in PNG_CHANNELS
        for found in (preview(levels), evaluate(lambda: preview(tf.constant(levels)))):
            np.testing.assert_array_equal(found, levels[..., :seen])

    @pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
    def test_a_file_holds_the_levels(self, evaluate, noise, channels, mode):
        levels = noise(4, 6, channels)
        content = evaluate(lambda: encode_png(tf.constant(levels)))
        picture = Image.open(io.BytesIO(content))
        assert (picture.format, picture.mode) == ("PNG", mode)
        np.testing.assert_array_equal(np.asarray(picture).reshape(levels.shape), levels)


class TestRows:
    @pytest.mark.parametrize(
        ("channels", "form"),
        [
            ((3, 3), RGB),
            ((1, 3), PairFormat("AtoB", 1, 3, (8, 8), (8, 8))),
            ((4, 1), PairFormat("AtoB", 4, 1, (8, 8), (8, 8), alpha="keep")),
            ((5, 2), PairFormat("AtoB", 5, 2, (8, 8), (8, 8))),
        ],
    )
    def test_input_output_and_target_stand_side_by_side(self, evaluate, noise, channels, form):
        count_x, count_y = channels
        pictures = [
            noise(2, 4, 6, count, seed=seed)
            for seed, count in enumerate((count_x, count_y, count_y))
        ]
        x, fake, y = (picture / np.float32(127.5) - 1 for picture in pictures)
        found = evaluate(lambda: Presentation(form).rows(*map(tf.constant, (x, fake, y))))
        assert found.dtype == np.uint8
        assert found.shape == (2, 4, 3 * 6, 3)
        for place, picture in enumerate(pictures):
            # Of three channels or more the first three; else the first, as grey.
            few = picture[..., :3] if picture.shape[-1] > 2 else picture[..., [0, 0, 0]]
            np.testing.assert_array_equal(found[:, :, 6 * place : 6 * place + 6], few)


def test_a_presentation_is_a_value():
    assert Presentation(RGB) == pickle.loads(pickle.dumps(Presentation(RGB)))
    assert Presentation(RGB) != Presentation(LAB)
    with pytest.raises(AttributeError):
        Presentation(RGB).pair_format = LAB
