import io

import numpy as np
import pytest
from estimator.trained.picture_files import encode_png, output_names, to_uint8
from PIL import Image


class TestNames:
    @pytest.mark.parametrize(
        ("paths", "names"),
        [
            (["d/1.jpg", "d/2.PNG"], ["1.png", "2.png"]),
            (["d/a.b.jpeg"], ["a.b.png"]),
            (["d/1.jpg", "d/1.png", "d/2.jpg"], ["1.jpg.png", "1.png.png", "2.png"]),
            (["d/x/1.jpg", "d/y/1.jpg"], ["x/1.png", "y/1.png"]),
            (["1.jpg"], ["1.png"]),
        ],
    )
    def test_a_result_has_its_pictures_name_and_no_two_the_same(self, paths, names):
        assert output_names(paths) == names


class TestPixels:
    def test_both_ends_and_rounding_to_nearest(self):
        values = np.array([-1.0, 1.0, 0.0, -1.2, 1.2, 2 * 100.4 / 255 - 1, 2 * 100.6 / 255 - 1])
        assert to_uint8(values).tolist() == [0, 255, 128, 0, 255, 100, 101]

    @pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
    def test_png_holds_every_pixel(self, channels, mode):
        pixels = np.random.RandomState(0).randint(0, 256, (5, 7, channels)).astype(np.uint8)
        with Image.open(io.BytesIO(encode_png(pixels))) as picture:
            assert (picture.format, picture.mode) == ("PNG", mode)
            np.testing.assert_array_equal(np.asarray(picture).reshape(pixels.shape), pixels)
