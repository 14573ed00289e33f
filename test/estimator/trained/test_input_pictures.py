import io

import numpy as np
import pytest
from PIL import Image

from estimator.trained.input_pictures import find_pictures, prepare_bytes
from input_fn import JPEG, NPY, PNG, DataError, PairFormat

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


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def prepared(content, channels=3, **fields):
    pair_format = PairFormat("AtoB", channels, 3, SIZE, SIZE, **fields)
    return prepare_bytes(content, pair_format, {JPEG, PNG, NPY})


def pixels_of(content):
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format in ("JPEG", "PNG")
        return np.asarray(picture)


class TestPreparing:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_what_training_decodes_stays_as_it_is(self, kind):
        content = encoded(gradient(20, 10), kind)
        assert prepared(content) == content

    @pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
    def test_other_formats_become_png_files_of_the_same_pixels(self, kind):
        picture = gradient(20, 10)
        options = {"lossless": True} if kind == "WEBP" else {}
        content = encoded(picture.convert("P") if kind == "GIF" else picture, kind, **options)
        with Image.open(io.BytesIO(content)) as stored:
            expected = np.asarray(stored.convert("RGB"))
        np.testing.assert_array_equal(pixels_of(prepared(content)), expected)

    @pytest.mark.parametrize(
        ("mode", "kind", "stored"),
        [("L", "BMP", "L"), ("1", "TIFF", "1"), ("CMYK", "TIFF", "RGB"), ("RGBA", "TIFF", "RGBA")],
    )
    def test_modes_keep_what_they_hold(self, mode, kind, stored):
        content = prepared(encoded(gradient(20, 10).convert(mode), kind))
        with Image.open(io.BytesIO(content)) as picture:
            assert (picture.mode, picture.size) == (stored, (20, 10))

    def test_sixteen_bits_stay_sixteen_bits(self):
        levels = np.array([[0, 0x1234, 0x80FF, 0xFFFF]], np.uint16)
        content = prepared(encoded(Image.fromarray(levels), "TIFF"), channels=1)
        np.testing.assert_array_equal(pixels_of(content), levels)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_rotated_photo_is_set_upright(self, orientation):
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
        read = pixels_of(prepared(encoded(picture, "PNG", exif=exif)))
        np.testing.assert_array_equal(read, np.asarray(gradient(24, 16)))

    @pytest.mark.parametrize("content", [b"text", b""], ids=["text", "empty"])
    def test_what_is_no_picture_is_said(self, content):
        with pytest.raises(DataError, match="cannot be read as a picture") as error:
            prepared(content)
        assert "0x" not in str(error.value)

    def test_floating_point_pixels_are_refused_since_their_range_is_unknown(self):
        with pytest.raises(DataError, match="8 or 16 bits"):
            prepared(encoded(Image.fromarray(np.zeros((4, 4), np.float32)), "TIFF"))

    def test_arrays_are_taken_if_they_have_the_channels(self):
        buffer = io.BytesIO()
        np.save(buffer, np.zeros((4, 4, 5), np.float32))
        assert prepared(buffer.getvalue(), channels=5) == buffer.getvalue()
        with pytest.raises(DataError, match="has not 4 channels"):
            prepared(buffer.getvalue(), channels=4, alpha="keep")

    def test_a_picture_is_refused_where_only_arrays_have_the_channels(self):
        pair_format = PairFormat("AtoB", 5, 5, SIZE, SIZE)
        with pytest.raises(DataError, match="arrays of 5 channels"):
            prepare_bytes(encoded(gradient(4, 4), "PNG"), pair_format, {NPY})
