"""Large pictures by rows, against the independent readers that read them as a whole."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from input_fn.errors import DataError
from input_fn.png_rows import PngWriter
from input_fn.row_readers import WholePicture, open_rows

PARTS = [(0, 70), (5, 1), (31, 20), (69, 1)]
# As tifffile writes them: shape, type, and how they are stored.
TIFFS = [
    ((70, 101, 3), np.uint8, {"tile": (32, 48), "photometric": "rgb"}),
    ((70, 101, 3), np.uint8, {"tile": (32, 48), "photometric": "rgb", "compression": "zlib"}),
    ((5, 70, 101), np.float32, {"tile": (32, 48), "planarconfig": "separate"}),
    ((5, 70, 101), np.int16, {"planarconfig": "separate", "rowsperstrip": 9}),
    ((70, 101), np.uint16, {"rowsperstrip": 7}),
    ((70, 101, 12), np.float64, {"planarconfig": "contig", "bigtiff": True}),
    ((70, 101, 4), np.uint8, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
    ((3, 70, 101), np.uint16, {"byteorder": ">"}),
]


def bands_last(array, how):
    array = array[..., None] if array.ndim == 2 else array
    is_first = how.get("planarconfig") == "separate" or "byteorder" in how
    return np.moveaxis(array, 0, -1) if is_first else array


@pytest.fixture
def values():
    def make(shape, dtype=np.uint8):
        return np.random.RandomState(0).uniform(0, 250, shape).astype(dtype)

    return make


class TestTiff:
    @pytest.mark.parametrize(("shape", "dtype", "how"), TIFFS)
    def test_rows_are_those_of_the_whole(self, values, tmp_path, shape, dtype, how):
        path = str(tmp_path / "a.tif")
        stored = values(shape, dtype)
        tifffile.imwrite(path, stored, **{"photometric": "minisblack", **how})
        whole = bands_last(stored, how)
        reader = open_rows(path)
        assert reader.shape == whole.shape
        for top, count in PARTS:
            rows = reader.rows(top, count)
            assert rows.dtype == dtype
            np.testing.assert_array_equal(rows, whole[top : top + count])
        # A part, as a file of its own.
        part = tifffile.imread(io.BytesIO(reader.encode(whole[3:20, 10:30])))
        assert part.dtype == dtype
        np.testing.assert_array_equal(part.reshape(17, 20, -1), whole[3:20, 10:30])
        reader.close()

    def test_a_strip_that_is_far_away_is_not_read(self, values, tmp_path):
        path = str(tmp_path / "a.tif")
        stored = values((70, 101))
        tifffile.imwrite(path, stored, rowsperstrip=10, compression="zlib")
        with tifffile.TiffFile(path) as file:
            place = file.pages[0].dataoffsets[6]
        with open(path, "r+b") as file:
            file.seek(place)
            file.write(b"no deflate")
        reader = open_rows(path)
        np.testing.assert_array_equal(reader.rows(0, 60)[..., 0], stored[:60])

    @pytest.mark.parametrize(
        ("shape", "how", "reason"),
        [
            ((4, 5, 70, 101), {}, "axes"),
            ((70, 101), {"extratags": [(274, 3, 1, 6, True)]}, "upright"),
        ],
    )
    def test_what_has_no_rows_is_refused(self, values, tmp_path, shape, how, reason):
        path = str(tmp_path / "a.tif")
        tifffile.imwrite(path, values(shape), photometric="minisblack", **how)
        with pytest.raises(DataError, match=reason):
            open_rows(path)

    def test_a_file_that_is_cut_off_is_refused(self, values, tmp_path):
        path = tmp_path / "a.tif"
        tifffile.imwrite(str(path), values((70, 101)))
        path.write_bytes(path.read_bytes()[:3000])
        with pytest.raises(DataError, match="needs"):
            open_rows(str(path))


class TestArray:
    @pytest.mark.parametrize("shape", [(70, 101), (70, 101, 5)])
    def test_rows_are_those_of_the_whole(self, values, tmp_path, shape):
        path = str(tmp_path / "a.npy")
        whole = values(shape, np.float32)
        np.save(path, whole)
        reader = open_rows(path)
        assert reader.shape == (*shape, 1)[:3]
        for top, count in PARTS:
            np.testing.assert_array_equal(
                reader.rows(top, count), whole.reshape(reader.shape)[top : top + count]
            )
        part = reader.rows(3, 9)[:, 4:8]
        np.testing.assert_array_equal(np.load(io.BytesIO(reader.encode(part))), part)

    @pytest.mark.parametrize("shape", [(5,), (2, 3, 4, 5), (0, 7)])
    def test_what_is_no_picture_is_refused(self, tmp_path, shape):
        np.save(str(tmp_path / "a.npy"), np.zeros(shape))
        with pytest.raises(DataError, match="no picture"):
            open_rows(str(tmp_path / "a.npy"))


class TestPicture:
    def test_it_is_none_of_those_that_are_read_by_rows(self, values, tmp_path):
        Image.fromarray(values((7, 9, 3))).save(str(tmp_path / "a.png"))
        assert open_rows(str(tmp_path / "a.png")) is None

    @pytest.mark.parametrize("channels", [1, 3, 4])
    def test_png_files_keep_their_pixels(self, values, channels):
        stored = values((7, 9, channels))
        buffer = io.BytesIO()
        Image.fromarray(stored[..., 0] if channels == 1 else stored).save(buffer, format="PNG")
        picture = WholePicture.of_file(buffer.getvalue())
        np.testing.assert_array_equal(picture.rows(2, 3), stored[2:5])
        with Image.open(io.BytesIO(picture.encode(stored[2:5]))) as part:
            np.testing.assert_array_equal(np.asarray(part).reshape(3, 9, channels), stored[2:5])


class TestPngWriter:
    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    @pytest.mark.parametrize("rows", [1, 3, 7])
    def test_pillow_reads_what_was_written_row_by_row(self, values, channels, rows):
        picture = values((7, 9, channels))
        buffer = io.BytesIO()
        writer = PngWriter(buffer, picture.shape)
        for top in range(0, 7, rows):
            writer.write(picture[top : top + rows])
        writer.close()
        with Image.open(buffer) as read:
            read.load()
            assert read.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
            np.testing.assert_array_equal(np.asarray(read).reshape(picture.shape), picture)

    def test_16_bits(self, values):
        picture = values((7, 9, 1), np.float64)
        picture = (picture * 257).astype(np.uint16)
        buffer = io.BytesIO()
        writer = PngWriter(buffer, picture.shape, np.uint16)
        writer.write(picture)
        writer.close()
        with Image.open(buffer) as read:
            np.testing.assert_array_equal(np.asarray(read), picture[..., 0])
