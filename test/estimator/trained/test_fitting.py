import numpy as np
import pytest
from estimator.trained.fitting import find_pictures, fit, read_picture, restore
from PIL import Image

from input_fn import DataError

SIZE = (64, 64)


def gradient(width, height, mode="RGB"):
    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack([rows * 255 // height, columns * 255 // width, rows * 0 + 60], axis=-1)
    return Image.fromarray(pixels.astype(np.uint8)).convert(mode)


class TestFinding:
    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("b.PNG", "a.jpg", "notes.txt", "sub[1]/c.jpg"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(b"")
        return tmp_path

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            (".", ["a.jpg", "b.PNG"]),
            ("a.jpg", ["a.jpg"]),
            ("notes.txt", ["notes.txt"]),
            ("*.jpg", ["a.jpg"]),
            ("**/*.jpg", ["a.jpg", "c.jpg"]),
            ("sub[1]", ["c.jpg"]),
        ],
        ids=["folder", "file", "file of any name", "pattern", "subfolders", "folder with brackets"],
    )
    def test_what_is_found(self, folder, pattern, names):
        found = find_pictures(str(folder / pattern))
        assert [path.rsplit("/", 1)[1] for path in found] == names

    @pytest.mark.parametrize("pattern", ["nothing", "*.gif"])
    def test_nothing_is_an_error_that_names_the_pattern(self, folder, pattern):
        with pytest.raises(DataError, match="--input"):
            find_pictures(str(folder / pattern))


class TestReading:
    @pytest.mark.parametrize(
        ("mode", "name"),
        [
            ("RGB", "p.jpg"),
            ("L", "p.png"),
            ("RGBA", "p.png"),
            ("LA", "p.png"),
            ("P", "p.gif"),
            ("1", "p.png"),
            ("CMYK", "p.jpg"),
        ],
    )
    @pytest.mark.parametrize(("channels", "wanted"), [(3, "RGB"), (1, "L")])
    def test_every_mode_becomes_what_the_net_takes(self, tmp_path, mode, name, channels, wanted):
        path = str(tmp_path / name)
        gradient(20, 10).convert(mode).save(path)
        picture = read_picture(path, channels)
        assert (picture.mode, picture.size) == (wanted, (20, 10))

    def test_transparency_is_dropped_and_the_colours_below_are_kept(self, tmp_path):
        picture = gradient(20, 10)
        picture.putalpha(0)
        picture.save(str(tmp_path / "p.png"))
        read = read_picture(str(tmp_path / "p.png"), 3)
        np.testing.assert_array_equal(np.asarray(read), np.asarray(gradient(20, 10)))

    def test_sixteen_bits_keep_their_brightness(self, tmp_path):
        levels = np.array([[0, 0x1234, 0x80FF, 0xFFFF]], np.uint16)
        Image.fromarray(levels).save(str(tmp_path / "p.png"))
        read = np.asarray(read_picture(str(tmp_path / "p.png"), 1))
        assert read.tolist() == [[0x00, 0x12, 0x80, 0xFF]]

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_rotated_photo_is_set_upright(self, tmp_path, orientation):
        # What a camera stores for each orientation (EXIF 2.3, 4.6.4 A), undone by the reader.
        stored = {
            1: [],
            2: [Image.FLIP_LEFT_RIGHT],
            3: [Image.ROTATE_180],
            4: [Image.FLIP_TOP_BOTTOM],
            5: [Image.TRANSPOSE],
            6: [Image.ROTATE_90],
            7: [Image.TRANSVERSE],
            8: [Image.ROTATE_270],
        }
        picture = gradient(24, 16)
        for step in stored[orientation]:
            picture = picture.transpose(step)
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture.save(str(tmp_path / "p.png"), exif=exif)
        read = read_picture(str(tmp_path / "p.png"), 3)
        np.testing.assert_array_equal(np.asarray(read), np.asarray(gradient(24, 16)))

    @pytest.mark.parametrize("damage", ["text", "half", "empty"])
    def test_what_cannot_be_read_is_said(self, tmp_path, damage):
        path = tmp_path / "p.jpg"
        gradient(200, 200).save(str(path))
        content = path.read_bytes()
        path.write_bytes({"text": b"text", "half": content[:1500], "empty": b""}[damage])
        with pytest.raises(DataError, match="cannot be read"):
            read_picture(str(path), 3)

    def test_floating_point_pixels_are_refused_since_their_range_is_unknown(self, tmp_path):
        Image.fromarray(np.zeros((4, 4), np.float32)).save(str(tmp_path / "p.tif"))
        with pytest.raises(DataError, match="8 or 16 bits"):
            read_picture(str(tmp_path / "p.tif"), 3)


class TestFitting:
    @pytest.mark.parametrize("how", ["resize", "pad"])
    def test_a_picture_of_the_nets_size_is_taken_as_it_is(self, how):
        picture = gradient(64, 64)
        fitted = fit(picture, SIZE, how)
        np.testing.assert_allclose(fitted, np.asarray(picture) / 127.5 - 1, atol=1e-6)

    @pytest.mark.parametrize("how", ["resize", "pad"])
    @pytest.mark.parametrize(
        "original", [(64, 64), (100, 40), (40, 100), (30, 20), (1000, 3), (1, 1)]
    )
    @pytest.mark.parametrize("channels", [1, 3])
    def test_any_size_fits_and_comes_back(self, how, original, channels):
        picture = gradient(*original, mode="L" if channels == 1 else "RGB")
        fitted = fit(picture, SIZE, how)
        assert fitted.shape == (64, 64, channels)
        assert (np.abs(fitted) <= 1).all()
        pixels = np.round((fitted + 1) * 127.5).astype(np.uint8)
        restored = restore(pixels, original, how, keep_size=True)
        assert restored.shape == (original[1], original[0], channels)

    def test_padding_keeps_the_shape_and_mirrors_the_edge(self):
        fitted = fit(gradient(128, 64), SIZE, "pad")  # To 64x32, with 32 rows to fill.
        np.testing.assert_array_equal(fitted[32:], fitted[31::-1])
        pixels = np.round((fitted + 1) * 127.5).astype(np.uint8)
        assert restore(pixels, (128, 64), "pad", keep_size=False).shape == (32, 64, 3)

    def test_stretching_fills_the_whole(self):
        fitted = fit(gradient(128, 64), SIZE, "resize")
        pixels = np.round((fitted + 1) * 127.5).astype(np.uint8)
        assert restore(pixels, (128, 64), "resize", keep_size=False).shape == (64, 64, 3)

    @pytest.mark.parametrize("how", ["resize", "pad"])
    def test_there_and_back_is_nearly_the_picture(self, how):
        picture = gradient(90, 50)
        pixels = np.round((fit(picture, SIZE, how) + 1) * 127.5).astype(np.uint8)
        restored = restore(pixels, picture.size, how, keep_size=True)
        assert np.abs(restored.astype(int) - np.asarray(picture).astype(int)).mean() < 3
