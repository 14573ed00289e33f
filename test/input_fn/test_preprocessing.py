import io

import numpy as np
import pytest
import skimage.transform
import tensorflow.compat.v1 as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from input_fn.decoding import PNG, decode_picture
from input_fn.pair_format import PairFormat
from input_fn.preprocessing import evaluation_pair, training_pair
from input_fn.reading import PairReader


def stacks_of(path, pair_format):
    """Builds the reading of a PNG file."""
    return PairReader([{PNG}], pair_format).stacks([tf.io.read_file(path)])


def format_of(fine, load=None, direction="AtoB", input_channels=3, output_channels=3):
    return PairFormat(direction, input_channels, output_channels, load or fine, fine)


def in_levels(values):
    """From [-1, 1] to [0, 255]."""
    return (values + 1) * 127.5


class TestPairFormat:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("direction", "atob"),
            ("input_channels", 0),
            ("output_channels", 0),
            ("fine_size", 256),
            ("fine_size", (0, 8)),
            ("load_size", (8.0, 8.0)),
            ("load_size", (8, 8, 3)),
            ("load_size", (16, 7)),
        ],
    )
    def test_a_value_that_cannot_work_is_named(self, field, value):
        fields = {
            "direction": "AtoB",
            "input_channels": 3,
            "output_channels": 3,
            "load_size": (8, 8),
            "fine_size": (8, 8),
        }
        PairFormat(**fields)
        with pytest.raises(ValueError, match=f"^{field} ") as caught:
            PairFormat(**{**fields, field: value})
        assert repr(value) in str(caught.value)


class TestDecoding:
    @pytest.fixture(scope="class")
    def decode(self, evaluate):
        def decode(picture, kind, **options):
            file = io.BytesIO()
            picture.save(file, kind, **options)
            pixels = evaluate(lambda: decode_picture(tf.constant(file.getvalue())))
            assert pixels.dtype == np.uint8
            return pixels, Image.open(file)

        return decode

    @pytest.mark.parametrize(
        "options", [{}, {"subsampling": 0}, {"progressive": True}], ids=["4:2:0", "4:4:4", "steps"]
    )
    def test_jpeg_is_decoded_to_within_a_few_levels(self, decode, options):
        # Another slope in each channel, so that channels or sides that are mistaken show.
        row, column = np.mgrid[:48, :64]
        picture = np.stack([column * 4, row * 5, 255 - column * 2], axis=-1).astype(np.uint8)
        pixels, by_pillow = decode(Image.fromarray(picture), "JPEG", quality=95, **options)
        difference = np.abs(pixels - np.asarray(by_pillow, np.float32))
        assert difference.max() <= 6
        assert difference.mean() < 2

    def test_grey_jpeg_has_three_equal_channels(self, decode):
        grey = Image.fromarray(np.arange(0, 240, dtype=np.uint8).reshape(12, 20))
        pixels, by_pillow = decode(grey, "JPEG", quality=95)
        assert (pixels == pixels[..., :1]).all()
        np.testing.assert_allclose(pixels[..., 0], np.asarray(by_pillow, np.float32), atol=6)

    def test_png_is_decoded_exactly(self, decode, noise):
        picture = noise(7, 10, 3)
        np.testing.assert_array_equal(decode(Image.fromarray(picture), "PNG")[0], picture)

    @pytest.mark.parametrize("mode", ["L", "P", "1"])
    def test_png_of_few_colours_is_decoded_exactly(self, decode, noise, mode):
        picture = Image.fromarray(noise(7, 10, 3)).convert(mode)
        np.testing.assert_array_equal(decode(picture, "PNG")[0], picture.convert("RGB"))

    @pytest.mark.parametrize(("channels", "colours"), [(4, slice(3)), (2, [0, 0, 0])])
    def test_alpha_is_dropped_and_not_blended(self, decode, noise, channels, colours):
        picture = noise(7, 10, channels)
        picture[..., -1] = np.arange(10) * 28  # From transparent to nearly opaque.
        pixels, _ = decode(Image.fromarray(picture), "PNG")
        np.testing.assert_array_equal(pixels, picture[..., colours])

    def test_of_16_bits_the_upper_8_are_kept(self, decode):
        picture = np.array([[0, 255, 256], [32767, 32768, 65535]], np.uint16)
        pixels, _ = decode(Image.fromarray(picture), "PNG")
        np.testing.assert_array_equal(pixels[..., 1], [[0, 0, 1], [127, 128, 255]])


class TestPairs:
    @pytest.fixture(scope="class")
    def load(self, evaluate, save_pair):
        """Saves two halves and returns them as an evaluation pair of the same size."""

        def load(left, right, **options):
            path = save_pair(left, right)
            pair_format = format_of(left.shape[:2], **options)
            features, y = evaluate(
                lambda: evaluation_pair(stacks_of(path, pair_format), pair_format)
            )
            assert list(features) == ["input"]
            return features["input"], y

        return load

    @pytest.mark.parametrize("shape", [(6, 6, 3), (4, 9, 3), (9, 4, 3)])
    @pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
    def test_the_left_half_is_a_and_the_right_half_b(self, load, noise, shape, direction):
        a, b = noise(*shape, seed=1), noise(*shape, seed=2)
        x, y = load(a, b, direction=direction)
        source, target = (a, b) if direction == "AtoB" else (b, a)
        np.testing.assert_allclose(in_levels(x), source, atol=1e-3)
        np.testing.assert_allclose(in_levels(y), target, atol=1e-3)

    def test_levels_are_spread_evenly_from_minus_one_to_one(self, load):
        ramp = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
        x, y = load(ramp, ramp)
        assert x.dtype == y.dtype == np.float32
        assert (x[0, 0] == -1).all()
        assert (x[-1, -1] == 1).all()
        np.testing.assert_allclose(x[..., 0].ravel(), np.linspace(-1, 1, 256), atol=1e-6)

    def test_one_channel_weighs_colours_as_itu_r_bt_601(self, load):
        colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 100, 50]]], np.uint8)
        # 0.299, 0.587 and 0.114 of 255; 59.8 + 58.7 + 5.7. As everything, over 127.5 and less 1.
        by_hand = np.array([[76.245, 149.685, 29.07, 124.2]])[..., None] / 127.5 - 1
        x, y = load(colours, colours, input_channels=1)
        np.testing.assert_allclose(x, by_hand, atol=2e-4)
        assert y.shape == (1, 4, 3)
        x, y = load(colours, colours, output_channels=1)
        np.testing.assert_allclose(y, by_hand, atol=2e-4)
        assert x.shape == (1, 4, 3)

    def test_channels_belong_to_input_and_target_whatever_the_direction(self, load, noise):
        a, b = noise(4, 4, 3, seed=1), noise(4, 4, 3, seed=2)
        x, y = load(a, b, direction="BtoA", input_channels=1)
        assert (x.shape, y.shape) == ((4, 4, 1), (4, 4, 3))
        np.testing.assert_allclose(in_levels(y), a, atol=1e-3)


class TestSizeInEvaluation:
    @pytest.fixture(scope="class")
    def load(self, evaluate, save_pair):
        def load(a, b, fine, load=None):
            path, pair_format = save_pair(a, b), format_of(fine, load)
            features, y = evaluate(
                lambda: evaluation_pair(stacks_of(path, pair_format), pair_format)
            )
            return in_levels(features["input"]), in_levels(y)

        return load

    def test_a_picture_of_the_right_size_is_left_as_it_is(self, load, noise):
        a, b = noise(8, 6, 3, seed=1), noise(8, 6, 3, seed=2)
        x, y = load(a, b, fine=(8, 6), load=(20, 20))
        np.testing.assert_allclose(x, a, atol=1e-3)
        np.testing.assert_allclose(y, b, atol=1e-3)

    def test_pixels_have_their_centres_in_the_middle(self, load):
        ramp = np.repeat(np.array([[[0], [100]]], np.uint8), 3, axis=2)
        x, _ = load(ramp, ramp, fine=(1, 4))
        # Centres at 0.25, 0.75, 1.25, 1.75 of pixels whose own are at 0.5 and 1.5.
        np.testing.assert_allclose(x[0, :, 0], [0, 25, 75, 100], atol=1e-3)

    def test_shrinking_averages_over_all_pixels(self, load):
        ramp = np.repeat(np.array([[[0], [40], [80], [120]]], np.uint8), 3, axis=2)
        x, _ = load(ramp, ramp, fine=(1, 2))
        # A triangle of half-width 2 about 1: weights 3, 3, 1, 0 of pixels at 0.5, 1.5, 2.5, 3.5.
        left = (3 * 0 + 3 * 40 + 1 * 80) / 7
        np.testing.assert_allclose(x[0, :, 0], [left, 120 - left], atol=1e-3)

    def test_enlarging_agrees_with_scikit_image(self, load, noise):
        a, b = noise(20, 24, 3, seed=1), noise(20, 24, 3, seed=2)
        for picture, enlarged in zip((a, b), load(a, b, fine=(33, 28))):
            expected = skimage.transform.resize(
                picture, (33, 28), order=1, mode="edge", anti_aliasing=False, preserve_range=True
            )
            np.testing.assert_allclose(enlarged, expected, atol=0.01)

    @settings(max_examples=25, deadline=None)
    @given(
        present=st.tuples(st.integers(1, 40), st.integers(1, 40)),
        fine=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    )
    def test_any_size_is_resized_as_by_pillow(self, load, noise, resized, present, fine):
        a, b = noise(*present, 3, seed=1), noise(*present, 3, seed=2)
        for picture, found in zip((a, b), load(a, b, fine)):
            np.testing.assert_allclose(found, resized(picture, *fine), atol=0.01)

    @pytest.mark.parametrize("fine", [(7, 9), (19, 17), (40, 41), (30, 30)])
    def test_values_never_leave_their_range(self, load, fine):
        white, black = (np.full((37, 30, 3), level, np.uint8) for level in (255, 0))
        x, y = load(white, black, fine)
        np.testing.assert_allclose(x, 255, atol=1e-3)
        assert x.max() <= 255
        np.testing.assert_allclose(y, 0, atol=1e-3)
        assert y.min() >= 0


def test_shapes_are_known_before_anything_is_read():
    pair_format = format_of((6, 4), (9, 8), input_channels=1)
    with tf.Graph().as_default():
        path = tf.placeholder(tf.string, [])
        for features, y in (
            evaluation_pair(stacks_of(path, pair_format), pair_format),
            training_pair(
                stacks_of(path, pair_format), tf.constant([0, 0], tf.int64), pair_format, flip=True
            ),
        ):
            assert features["input"].shape.as_list() == [6, 4, 1]
            assert y.shape.as_list() == [6, 4, 3]
