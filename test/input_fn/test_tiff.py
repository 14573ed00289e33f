"""TIFF files of three independent writers (tifffile, GDAL by rasterio, Pillow) to the network."""

import io

import numpy as np
import pytest
import rasterio
import tensorflow.compat.v1 as tf
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from written_tiff import HEIGHT, WIDTH, bands, by_gdal, by_pillow, by_tifffile

from input_fn import (
    JPEG,
    NPY,
    PNG,
    TIFF,
    Band,
    DataError,
    PairFormat,
    check_pairs,
    decode_array,
    encode_tiff,
    input_of_file,
)
from input_fn.pairs import FilePairs

# Of rasterio, of files that are to lie nowhere.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def form(size, channels, **fields):
    return PairFormat("AtoB", channels, 1, size, size, **fields)


@pytest.fixture(scope="session")
def seen(evaluate):
    """What the network is given of a file that has its size, float [height, width, channels]."""

    def seen(content, size, channels, kinds=frozenset({TIFF}), **fields):
        pair_format = form(size, channels, **fields)
        return evaluate(lambda: input_of_file(tf.constant(content), pair_format, set(kinds)))[0]

    return seen


def decoded(content, channels, **fields):
    """What is decoded, without the pipeline, float [height, width, channels] in [-1, 1]."""
    return decode_array(content, channels, **fields) / 127.5 - 1.0


def expected_of(array):
    white = 1.0 if array.dtype.kind == "f" else np.iinfo(array.dtype).max
    return array.astype(np.float64) / white * 2 - 1


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "values", "expected"),
        [
            ("uint8", [0, 51, 255], [-1, -0.6, 1]),
            ("uint16", [0, 13107, 65535], [-1, -0.6, 1]),
            ("uint32", [0, 858993459, 4294967295], [-1, -0.6, 1]),
            ("int8", [-128, -77, 127], [-1, -0.6, 1]),
            ("int16", [-32768, -19661, 32767], [-1, -0.6, 1]),
            ("int32", [-2147483648, 0, 2147483647], [-1, 0, 1]),
            ("float16", [0, 0.25, 1], [-1, -0.5, 1]),
            ("float32", [0, 0.2, 1], [-1, -0.6, 1]),
            ("float64", [0, 0.2, 1], [-1, -0.6, 1]),
        ],
    )
    def test_types_have_their_own_range(self, kind, values, expected):
        x = decoded(by_tifffile(np.array([values], kind)), 1)
        np.testing.assert_allclose(x[0, :, 0], expected, atol=2e-6)

    def test_a_range_that_is_given_is_black_to_white_for_every_type(self):
        for kind in ("uint8", "int16", "float32"):
            content = by_tifffile(np.array([[10, 60, 110, 120]], kind))
            x = decoded(content, 1, bands=((Band(10.0, 110.0),),))
            np.testing.assert_allclose(x[0, :, 0], [-1, 0, 1, 1], atol=2e-6)


STRUCTURES = {
    "one strip": {},
    "strips": {"rowsperstrip": 5},
    "tiles": {"tile": (16, 16)},
    "deflate": {"compression": "zlib"},
    "deflate in tiles": {"compression": "zlib", "tile": (16, 16)},
    "differences, deflate": {"compression": "zlib", "predictor": True},
    "the other order of bytes": {"byteorder": ">"},
    "BigTIFF": {"bigtiff": True},
    "BigTIFF, the other order": {"bigtiff": True, "byteorder": ">"},
}


class TestStructures:
    @pytest.mark.parametrize("name", STRUCTURES)
    def test_of_tifffile(self, name):
        array = bands(5)
        x = decoded(by_tifffile(array, **STRUCTURES[name]), 5)
        np.testing.assert_allclose(x, expected_of(array), atol=2e-6)

    @pytest.mark.parametrize("interleave", ["pixel", "band"])
    @pytest.mark.parametrize("compress", ["none", "lzw", "deflate"])
    @pytest.mark.parametrize("tiled", [True, False])
    @pytest.mark.parametrize("kind", ["uint16", "float32"])
    def test_of_gdal(self, tmp_path, interleave, compress, tiled, kind):
        array = bands(4, kind)
        options = {"interleave": interleave, "compress": compress}
        if compress != "none":
            # Differences of neighbours: of floats in a way of their own.
            options["predictor"] = 3 if kind == "float32" else 2
        shape = {"tiled": True, "blockxsize": 16, "blockysize": 16} if tiled else {"blockysize": 5}
        x = decoded(by_gdal(tmp_path, array, **options, **shape), 4)
        np.testing.assert_allclose(x, expected_of(array), atol=2e-6)

    @pytest.mark.parametrize("count", [1, 2, 3, 7, 32])
    def test_up_to_32_bands(self, tmp_path, count):
        array = bands(count, "float32")
        content = by_gdal(tmp_path, array, BIGTIFF="YES")
        assert content[2] == 43  # What is no BigTIFF has 42 there.
        x = decoded(content, count)
        np.testing.assert_allclose(x, expected_of(array), atol=2e-6)

    def test_pages_that_make_one_picture_are_bands(self):
        array = bands(6)
        content = by_tifffile(np.moveaxis(array, -1, 0), planarconfig=None)
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            assert len(file.pages) == 6
        x = decoded(content, 6)
        np.testing.assert_allclose(x, expected_of(array), atol=2e-6)

    @settings(max_examples=50, deadline=None)
    @given(
        height=st.integers(1, 40),
        width=st.integers(1, 40),
        count=st.integers(1, 8),
        tiled=st.booleans(),
        kind=st.sampled_from(["uint8", "uint16", "int16", "float32"]),
    )
    def test_any_shape(self, height, width, count, tiled, kind):
        array = bands(count, "uint8", height, width).astype(kind)
        array = array[..., 0] if count == 1 else array
        content = by_tifffile(array, **({"tile": (16, 32)} if tiled else {}))
        x = decoded(content, count, bands=((Band(0.0, 255.0),),))
        np.testing.assert_allclose(x, array.reshape(height, width, count) / 127.5 - 1, atol=2e-6)


class TestPictures:
    """What is a picture in a TIFF file gives what it gives as a PNG file."""

    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize(
        ("mode", "alpha"),
        [*((mode, "drop") for mode in ("1", "L", "P", "RGB", "RGBA")), ("RGBA", "white")],
    )
    def test_in_every_mode(self, seen, noise, channels, mode, alpha):
        picture = Image.fromarray(noise(HEIGHT, WIDTH, 4)).convert(
            "RGBA" if mode == "RGBA" else "RGB"
        )
        picture = picture if picture.mode == mode else picture.convert(mode)
        as_tiff, as_png = (by_pillow(picture, kind) for kind in ("TIFF", "PNG"))
        size, fields = (HEIGHT, WIDTH), {"alpha": alpha}
        expected = seen(as_png, size, channels, {PNG}, **fields)
        np.testing.assert_allclose(seen(as_tiff, size, channels, **fields), expected, atol=1e-5)

    def test_transparency_is_the_fourth_channel_if_four_are_asked_for(self, seen, noise):
        pixels = noise(HEIGHT, WIDTH, 4)
        x = seen(by_pillow(Image.fromarray(pixels)), (HEIGHT, WIDTH), 4)
        np.testing.assert_allclose(x, pixels / 127.5 - 1, atol=1e-6)

    def test_white_may_be_stored_as_zero(self, seen):
        content = by_tifffile(np.array([[0, 51, 255]], np.uint8), photometric="miniswhite")
        np.testing.assert_allclose(seen(content, (1, 3), 1)[0, :, 0], [1, 0.6, -1], atol=1e-6)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_they_are_turned_upright(self, seen, noise, orientation):
        stored = Image.fromarray(noise(HEIGHT, WIDTH, 3))
        exif = Image.Exif()
        exif[0x0112] = orientation
        as_png = by_pillow(stored, "PNG", exif=exif)
        with Image.open(io.BytesIO(as_png)) as picture:
            upright = np.asarray(ImageOps.exif_transpose(picture))
        content = by_pillow(stored, tiffinfo={274: orientation})
        x = seen(content, upright.shape[:2], 3)
        np.testing.assert_allclose(x, upright / 127.5 - 1, atol=1e-6)

    def test_they_may_be_mixed_with_other_kinds(self, seen):
        pixels = np.full((8, 8, 3), 102, np.uint8)
        array = io.BytesIO()
        np.save(array, pixels)
        files = [by_pillow(Image.fromarray(pixels), kind) for kind in ("TIFF", "PNG", "JPEG")]
        for content in [*files, by_tifffile(pixels, bigtiff=True, byteorder=">"), array.getvalue()]:
            x = seen(content, (8, 8), 3, {JPEG, PNG, NPY, TIFF})
            np.testing.assert_allclose(x, -0.2, atol=0.01)


class TestWriting:
    @pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
    def test_others_read_what_is_written(self, tmp_path, count):
        values = bands(count, "float32")
        (tmp_path / "a.tif").write_bytes(encode_tiff(values))
        with rasterio.open(str(tmp_path / "a.tif")) as file:
            assert file.dtypes == ("float32",) * count
            np.testing.assert_array_equal(np.moveaxis(file.read(), 0, -1), values)


def long_strips():
    return by_tifffile(bands(3), rowsperstrip=4, photometric="rgb")


def cmyk():
    return by_pillow(Image.new("CMYK", (WIDTH, HEIGHT)))


BAD = {
    "text": (lambda: b"text", "is no TIFF file"),
    "head alone": (lambda: long_strips()[:8], "cannot be used as a TIFF file"),
    "last byte lost": (lambda: long_strips()[:-1], "cannot be used as a TIFF file"),
    "half lost": (lambda: long_strips()[: len(long_strips()) // 2], "cannot be used as a TIFF"),
    "other bands": (lambda: by_tifffile(bands(5)), "holds 5 channel.* where 3 are asked for"),
    "no colours": (lambda: by_tifffile(bands(2)), "holds 2 channel.* where 3 are asked for"),
    "CMYK": (cmyk, "colours of the kind SEPARATED; save it as RGB"),
    "complex": (lambda: by_tifffile(np.zeros((4, 4), np.complex64)), "type complex64"),
    "not a number": (
        lambda: by_tifffile(np.full((4, 4), np.nan, np.float32)),
        "not a number.*`nodata` nan",
    ),
    "unscaled": (
        lambda: by_tifffile(np.full((4, 4), 812.5, np.float32)),
        "from 812.5 to 812.5.*`value_range` 812.5,812.5",
    ),
    "many axes": (
        lambda: by_tifffile(np.zeros((2, 2, 4, 4), np.uint8), planarconfig=None),
        "not bands, height and width",
    ),
}


class TestBadFiles:
    @pytest.mark.parametrize("name", BAD)
    def test_it_is_named_with_what_would_work(self, tmp_path, name):
        make, reason = BAD[name]
        path = tmp_path / "1.tif"
        path.write_bytes(make())
        pairs = FilePairs(((str(path), str(path)),), "folders")
        pair_format = PairFormat("AtoB", 3, 3, (4, 4), (4, 4), layout="folders")
        with pytest.raises(DataError, match=f"1.tif: .*{reason}") as error:
            check_pairs(pairs, pair_format)
        assert "\n" not in str(error.value)
