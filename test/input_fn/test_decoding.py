"""Files to pictures, against numbers worked out by hand."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import PairFormat, evaluation_dataset
from input_fn.pairs import FilePairs


def pair_format(height, width, channels=(3, 3), **fields):
    size = (height, width)
    return PairFormat("AtoB", *channels, load_size=size, fine_size=size, **fields)


def loaded(groups, form):
    """Returns x and y of the first pair."""
    pairs = FilePairs(tuple(groups), form.layout)
    with tf.Graph().as_default(), tf.Session() as session:
        dataset = evaluation_dataset(pairs, form)
        iterator = tf.data.make_initializable_iterator(dataset)
        session.run(iterator.initializer)
        features, y = session.run(iterator.get_next())
        return features["input"][0], y[0]


def save_deep(path, pixels):
    with tf.Graph().as_default(), tf.Session() as session:
        path.write_bytes(session.run(tf.image.encode_png(tf.constant(pixels, tf.uint16))))
    return str(path)


def save_array(path, values):
    np.save(str(path), values)
    return str(path)


def save(path, pixels, mode=None):
    Image.fromarray(np.asarray(pixels, np.uint8), mode).save(str(path))
    return str(path)


class TestSixteenBits:
    def test_the_whole_range_is_used_and_the_low_byte_counts(self, tmp_path):
        values = [0, 257, 32768, 65535]
        pixels = np.array(values).reshape(2, 2, 1)
        path = save_deep(tmp_path / "1.png", np.concatenate([pixels, pixels], axis=1))
        x, _ = loaded([(path,)], pair_format(2, 2, (1, 1)))
        expected = np.array(values).reshape(2, 2) / 65535 * 2 - 1
        np.testing.assert_allclose(x[..., 0], expected, atol=2e-6)

    def test_colours_keep_their_low_byte_too(self, tmp_path):
        pixels = np.random.RandomState(0).randint(0, 65536, (4, 8, 3))
        path = save_deep(tmp_path / "1.png", pixels)
        x, y = loaded([(path,)], pair_format(4, 4))
        np.testing.assert_allclose(x, pixels[:, :4] / 65535 * 2 - 1, atol=2e-6)
        np.testing.assert_allclose(y, pixels[:, 4:] / 65535 * 2 - 1, atol=2e-6)

    def test_a_range_that_is_given_is_black_to_white(self, tmp_path):
        pixels = np.array([[[100], [2100], [4100], [60000]] * 2])
        path = save_deep(tmp_path / "1.png", pixels)
        x, _ = loaded([(path,)], pair_format(1, 4, (1, 1), value_range=(100.0, 4100.0)))
        np.testing.assert_allclose(x[0, :, 0], [-1, 0, 1, 1], atol=2e-6)

    def test_eight_bits_in_the_same_folder_are_not_touched_by_it(self, tmp_path):
        save_deep(tmp_path / "2.png", np.zeros((1, 4, 1)))
        path = save(tmp_path / "1.png", [[0, 51, 255, 102]])
        form = pair_format(1, 2, (1, 1), value_range=(0.0, 4095.0))
        x, y = loaded([(path,), (str(tmp_path / "2.png"),)], form)
        np.testing.assert_allclose([*x.ravel(), *y.ravel()], [-1, -0.6, 1, -0.2], atol=2e-6)


class TestAlpha:
    @pytest.fixture
    def path(self, tmp_path):
        # Red at full, half and no opacity; the right half is opaque blue.
        left = [[255, 0, 0, 255], [255, 0, 0, 102], [255, 0, 0, 0]]
        return save(tmp_path / "1.png", [left + [[0, 0, 255, 255]] * 3], "RGBA")

    def test_dropped_the_colours_are_as_stored(self, path):
        x, y = loaded([(path,)], pair_format(1, 3, alpha="drop"))
        np.testing.assert_allclose(x[0], [[1, -1, -1]] * 3, atol=1e-6)
        np.testing.assert_allclose(y[0], [[-1, -1, 1]] * 3, atol=1e-6)

    def test_on_white_what_is_transparent_is_white(self, path):
        x, _ = loaded([(path,)], pair_format(1, 3, alpha="white"))
        # 102 of 255 is an opacity of 0.4: green and blue are 0.6 of 255, which is 0.2 in [-1, 1].
        np.testing.assert_allclose(x[0], [[1, -1, -1], [1, 0.2, 0.2], [1, 1, 1]], atol=1e-6)

    def test_kept_it_is_the_fourth_channel(self, path):
        x, y = loaded([(path,)], pair_format(1, 3, (4, 3), alpha="keep"))
        np.testing.assert_allclose(x[0, :, 3], [1, -0.2, -1], atol=1e-6)
        assert y.shape == (1, 3, 3)

    def test_pictures_without_alpha_are_opaque(self, tmp_path):
        path = save(tmp_path / "1.jpg", np.zeros((8, 16, 3)))
        x, y = loaded([(path,)], pair_format(8, 8, (4, 4), alpha="keep"))
        assert (x[..., 3] == 1).all()
        assert (y[..., :3] < -0.9).all()


class TestGrey:
    def test_it_weighs_colours_as_pillow_does(self, tmp_path):
        pixels = np.random.RandomState(1).randint(0, 256, (8, 16, 3))
        path = save(tmp_path / "1.png", pixels)
        x, _ = loaded([(path,)], pair_format(8, 8, (1, 3)))
        grey = np.asarray(Image.open(path).convert("L"), np.float64)[:, :8]
        np.testing.assert_allclose((x[..., 0] + 1) * 127.5, grey, atol=1.0)

    def test_white_is_white(self, tmp_path):
        path = save(tmp_path / "1.png", np.full((4, 8, 3), 255))
        x, _ = loaded([(path,)], pair_format(4, 4, (1, 3)))
        np.testing.assert_allclose(x, 1.0, atol=1e-6)


class TestArrays:
    @pytest.mark.parametrize(
        ("kind", "values", "expected"),
        [
            ("uint8", [0, 51, 255], [-1, -0.6, 1]),
            ("uint16", [0, 13107, 65535], [-1, -0.6, 1]),
            ("int8", [-128, 127, -77], [-1, 1, -0.6]),
            ("float32", [0, 0.2, 1], [-1, -0.6, 1]),
            ("float64", [0, 0.5, 1.0005], [-1, 0, 1]),
            ("bool", [False, True, True], [-1, 1, 1]),
        ],
    )
    def test_types_have_their_own_range(self, tmp_path, kind, values, expected):
        array = np.array([values * 2], kind)
        path = save_array(tmp_path / "1.npy", array)
        x, y = loaded([(path,)], pair_format(1, 3, (1, 1)))
        np.testing.assert_allclose(x[0, :, 0], expected, atol=2e-6)
        np.testing.assert_allclose(y, x)

    def test_a_range_that_is_given_is_black_to_white(self, tmp_path):
        path = save_array(tmp_path / "1.npy", np.array([[-40.0, 10.0, 60.0, 99.0]]))
        x, y = loaded([(path,)], pair_format(1, 2, (1, 1), value_range=(-40.0, 60.0)))
        np.testing.assert_allclose([*x.ravel(), *y.ravel()], [-1, 0, 1, 1], atol=2e-6)

    def test_arrays_in_fortran_order_are_not_turned(self, tmp_path):
        values = np.random.RandomState(2).uniform(size=(3, 4, 5))
        path = save_array(tmp_path / "1.npy", np.asfortranarray(values))
        x, y = loaded([(path,)], pair_format(3, 2, (5, 5)))
        np.testing.assert_allclose(np.concatenate([x, y], axis=1), values * 2 - 1, atol=2e-6)

    def test_files_of_their_own_have_channels_of_their_own(self, tmp_path):
        a = np.random.RandomState(3).uniform(size=(4, 4, 7))
        pixels = np.random.RandomState(4).randint(0, 256, (4, 4, 3))
        pairs = [(save_array(tmp_path / "a.npy", a), save(tmp_path / "b.png", pixels))]
        x, y = loaded(pairs, pair_format(4, 4, (7, 3), layout="folders"))
        np.testing.assert_allclose(x, a * 2 - 1, atol=2e-6)
        np.testing.assert_allclose(y, pixels / 127.5 - 1, atol=2e-6)

    def test_the_direction_turns_files_of_their_own_round(self, tmp_path):
        a = save(tmp_path / "a.png", np.zeros((4, 4, 3)))
        b = save(tmp_path / "b.png", np.full((4, 4, 3), 255))
        form = PairFormat("BtoA", 1, 3, (4, 4), (4, 4), layout="folders")
        x, y = loaded([(a, b)], form)
        assert (x.shape, y.shape) == ((4, 4, 1), (4, 4, 3))
        np.testing.assert_allclose(x, 1.0, atol=1e-6)
        np.testing.assert_allclose(y, -1.0)


def test_jpeg_png_and_arrays_may_be_mixed(tmp_path):
    pixels = np.full((8, 16, 3), 102)
    paths = [
        save(tmp_path / "1.jpg", pixels),
        save(tmp_path / "2.png", pixels),
        save_array(tmp_path / "3.npy", pixels.astype(np.uint8)),
    ]
    form = pair_format(8, 8)
    for first in paths:
        x, _ = loaded([(path,) for path in [first, *paths]], form)
        np.testing.assert_allclose(x, -0.2, atol=0.01)


def test_a_grey_jpeg_gives_three_equal_channels(tmp_path):
    file = io.BytesIO()
    Image.new("L", (16, 8), 102).save(file, "JPEG")
    (tmp_path / "1.jpg").write_bytes(file.getvalue())
    x, _ = loaded([(str(tmp_path / "1.jpg"),)], pair_format(8, 8))
    np.testing.assert_allclose(x, -0.2, atol=0.01)
