import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from estimator.trained.output_files import encode_png, output_names, write_picture


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
    @pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
    def test_png_holds_every_pixel(self, channels, mode):
        pixels = np.random.RandomState(0).randint(0, 256, (5, 7, channels)).astype(np.uint8)
        with Image.open(io.BytesIO(encode_png(pixels))) as picture:
            assert (picture.format, picture.mode) == ("PNG", mode)
            np.testing.assert_array_equal(np.asarray(picture).reshape(pixels.shape), pixels)


class TestWriting:
    @pytest.mark.parametrize("channels", [1, 3, 5])
    def test_a_tiff_file_holds_all_values_if_one_is_asked_for(self, tmp_path, channels):
        levels = np.random.RandomState(0).randint(0, 256, (5, 7, channels)).astype(np.uint8)
        values = (levels / 255).astype(np.float32)
        write_picture(str(tmp_path / "a.png"), levels, values, tiff_tags=[])
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.tif"]
        stored = tifffile.imread(str(tmp_path / "a.tif")).reshape(values.shape)
        np.testing.assert_array_equal(stored, values)

    @pytest.mark.parametrize(("channels", "previewed"), [(1, 1), (2, 1), (3, 3), (4, 4), (5, 3)])
    def test_what_no_png_holds_goes_to_an_array_as_well(self, tmp_path, channels, previewed):
        levels = np.random.RandomState(0).randint(0, 256, (5, 7, channels)).astype(np.uint8)
        values = (levels / 255).astype(np.float32)
        write_picture(str(tmp_path / "sub" / "a.png"), levels, values)
        with Image.open(str(tmp_path / "sub" / "a.png")) as picture:
            shown = np.asarray(picture).reshape(5, 7, -1)
        np.testing.assert_array_equal(shown, levels[..., :previewed])
        array = tmp_path / "sub" / "a.npy"
        assert array.exists() == (channels != previewed)
        if array.exists():
            np.testing.assert_array_equal(np.load(str(array)), values)
