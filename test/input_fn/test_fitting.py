"""Single pictures to the network's size and back, against Pillow, NumPy and marked pixels."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import PairFormat, input_of_file
from input_fn.fitting import FITS, mirrored_to_fit, restored, unpadded


def by_pillow(picture, height, width, resample=Image.BILINEAR):
    """Resizes by Pillow, which computes in floats when given one channel of floats."""
    channels = [
        np.asarray(Image.fromarray(channel.astype(np.float32)).resize((width, height), resample))
        for channel in np.moveaxis(picture, -1, 0)
    ]
    return np.stack(channels, axis=-1)


def smooth(height, width, channels=3):
    small = np.random.RandomState(height).uniform(60, 200, (4, 4, channels))
    return by_pillow(small, height, width, Image.BICUBIC).astype(np.float32)


class TestMirror:
    @pytest.fixture
    def mirrored(self, evaluate):
        def mirrored(picture, size):
            (found,) = evaluate(lambda: mirrored_to_fit(tf.constant(picture[None]), size))
            assert found.shape == (*size, picture.shape[-1])
            assert found.dtype == np.float32
            return found

        return mirrored

    @pytest.mark.parametrize(
        ("height", "width"), [(8, 8), (8, 5), (8, 3), (8, 1), (7, 8), (2, 8), (1, 8)]
    )
    def test_a_picture_that_fits_is_continued_by_its_mirror_image(
        self, mirrored, noise, height, width
    ):
        picture = noise(height, width, 3)
        margins = ((0, 8 - height), (0, 8 - width), (0, 0))
        expected = np.pad(picture, margins, mode="symmetric")
        np.testing.assert_allclose(mirrored(picture, (8, 8)), expected, atol=1e-3)

    def test_of_margins_many_times_its_width_too(self, mirrored, noise):
        picture = noise(64, 3, 3)
        expected = np.pad(picture, ((0, 0), (0, 61), (0, 0)), mode="symmetric")
        np.testing.assert_allclose(mirrored(picture, (64, 64)), expected, atol=1e-3)

    @pytest.mark.parametrize(
        ("original", "inner"),
        [
            ((64, 32), (32, 16)),
            ((100, 40), (32, 13)),
            ((40, 100), (19, 48)),
            ((8, 8), (32, 32)),
            ((16, 3), (32, 6)),
            ((1000, 2), (32, 1)),
        ],
    )
    def test_others_are_scaled_before_as_pillow_does(self, mirrored, original, inner):
        picture = smooth(*original)
        scaled = by_pillow(picture, *inner)
        margins = ((0, 32 - inner[0]), (0, 48 - inner[1]), (0, 0))
        expected = np.pad(scaled, margins, mode="symmetric")
        np.testing.assert_allclose(mirrored(picture, (32, 48)), expected, atol=0.7)

    def test_values_stay_in_their_range(self, mirrored):
        white = np.full((37, 23, 3), 255, np.uint8)
        assert mirrored(white, (32, 32)).max() <= 255


class TestUnpadded:
    def test_the_mirror_image_is_cut_off_and_nothing_else(self, evaluate, noise):
        picture = noise(8, 8, 3).astype(np.float32)

        def cut(fit):
            return evaluate(lambda: unpadded(tf.constant(picture), tf.constant([20, 9]), fit))

        # 20x9 is scaled by 0.4: to 8 x 3.6, rounded.
        np.testing.assert_array_equal(cut("mirror"), picture[:, :4])
        for fit in ("stretch", "crop", "pad"):
            np.testing.assert_array_equal(cut(fit), picture)


@pytest.fixture
def there_and_back(evaluate, tmp_path):
    """Brings a picture, uint8 [height, width, 3], to a network's size and back, in levels."""

    def run(picture, size, fit):
        path = tmp_path / "picture.png"
        Image.fromarray(picture).save(str(path))
        form = PairFormat("AtoB", 3, 3, size, size)

        def build():
            x, original = input_of_file(tf.constant(path.read_bytes()), form, {"PNG"}, fit)
            return x, restored(x, original, fit)

        x, back = evaluate(build)
        assert x.shape == (*size, 3)
        assert np.abs(back).max() <= 1
        return (back + 1) * 127.5

    return run


class TestRestored:
    @pytest.mark.parametrize("fit", FITS)
    def test_what_had_the_right_size_comes_back_as_it_was(self, there_and_back, noise, fit):
        picture = noise(24, 16, 3)
        np.testing.assert_allclose(there_and_back(picture, (24, 16), fit), picture, atol=1e-2)

    @pytest.mark.parametrize("original", [(50, 90), (90, 50), (33, 100), (20, 10), (31, 47)])
    @pytest.mark.parametrize("fit", ["stretch", "pad", "mirror"])
    def test_a_whole_picture_comes_back_at_its_size(self, there_and_back, original, fit):
        picture = smooth(*original).round().astype(np.uint8)
        back = there_and_back(picture, (64, 48), fit)
        assert back.shape == picture.shape
        # But for the border, of which the network's few pixels tell less.
        assert np.abs(back - picture)[2:-2, 2:-2].max() < 8

    @pytest.mark.parametrize(
        ("original", "size", "top", "left"),
        [
            ((60, 100), (60, 60), 0, 20),  # As high as the network: the middle 60 columns.
            ((61, 100), (61, 61), 0, 19),  # 39 columns too many, of which 19 are on the left.
            ((100, 50), (40, 50), 30, 0),
            ((120, 200), (60, 60), 0, 40),  # Twice as high: the middle 120 columns.
            ((30, 50), (60, 60), 0, 10),  # Half as high.
        ],
    )
    def test_of_a_cropped_one_comes_what_was_seen(self, there_and_back, original, size, top, left):
        picture = smooth(*original).round().astype(np.uint8)
        back = there_and_back(picture, size, "crop")
        height, width = (side - 2 * start for side, start in zip(original, (top, left)))
        assert abs(back.shape[0] - height) <= 1
        assert abs(back.shape[1] - width) <= 1
        seen = picture[top : top + back.shape[0], left : left + back.shape[1]]
        assert np.abs(back - seen)[2:-2, 2:-2].max() < 6

    @pytest.mark.parametrize("place", [(3, 5), (20, 41), (36, 70), (11, 66)])
    @pytest.mark.parametrize(
        ("size", "fit"),
        [
            ((64, 64), "pad"),
            ((60, 97), "pad"),
            ((120, 97), "pad"),
            ((97, 33), "mirror"),
            ((64, 64), "mirror"),
            ((64, 64), "stretch"),
        ],
    )
    def test_a_marked_pixel_is_where_it_was(self, there_and_back, place, size, fit):
        picture = np.zeros((40, 75, 3), np.uint8)
        row, column = place
        picture[row - 1 : row + 2, column - 1 : column + 2] = 255
        back = there_and_back(picture, size, fit)[..., 0]
        np.testing.assert_allclose(centre(back), place, atol=0.35)

    @pytest.mark.parametrize("place", [(3, 30), (20, 41), (36, 50)])
    # Of 75, 150 and 37.5 columns, rounded to 38, the network sees 40, 80 and 20 from the 17th, the
    # 35th and the 9th on, which are 17, 17.5 and 9 75/38 columns of the file.
    @pytest.mark.parametrize(("size", "left"), [(40, 17), (80, 17.5), (20, 17.76)])
    def test_a_marked_pixel_of_a_cropped_one_is_too(self, there_and_back, place, size, left):
        picture = np.zeros((40, 75, 3), np.uint8)
        row, column = place
        picture[row - 1 : row + 2, column - 1 : column + 2] = 255
        back = there_and_back(picture, (size, size), "crop")[..., 0]
        np.testing.assert_allclose(centre(back), (row, column - left), atol=0.35)

    @pytest.mark.parametrize("wanted", [(48, 48), (70, 30), (200, 100), (20, 24)])
    def test_it_is_scaled_by_the_cubic_filter_of_pillow(self, evaluate, wanted):
        picture = smooth(48, 48) / 127.5 - 1
        found = evaluate(lambda: restored(tf.constant(picture), tf.constant(wanted), "stretch"))
        expected = by_pillow(picture, *wanted, Image.BICUBIC)
        np.testing.assert_allclose(found, expected, atol=5e-3)

    @pytest.mark.parametrize("channels", [1, 2, 5])
    @pytest.mark.parametrize("fit", FITS)
    def test_any_number_of_channels_will_do(self, evaluate, channels, fit):
        picture = np.zeros((16, 16, channels), np.float32)
        found = evaluate(lambda: restored(tf.constant(picture), tf.constant([30, 30]), fit))
        assert found.shape == (30, 30, channels)


def centre(picture):
    """Finds the centre of gravity of what is bright."""
    weights = np.where(picture > 40, picture, 0)
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    return (rows * weights).sum() / weights.sum(), (columns * weights).sum() / weights.sum()
