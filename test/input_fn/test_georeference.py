"""A result's georeference, read back by rasterio, puts every pixel where it came from."""

import io

import numpy as np
import pytest
import rasterio
import tensorflow.compat.v1 as tf
import tifffile
from rasterio.transform import Affine, from_origin

from input_fn import (
    FITS,
    TIFF,
    PairFormat,
    encode_tiff,
    input_of_file,
    place_of_result,
    read_georeference,
    restored,
    unpadded,
)

HEIGHT, WIDTH = 60, 84
SIZE = (32, 48)
WEST, NORTH, METRES = 500000.0, 5400000.0, 10.0
UTM_33 = "EPSG:32633"


def georeferenced(array, transform, **options):
    """A GeoTIFF file of GDAL's, as bytes."""
    with rasterio.MemoryFile() as memory:
        shape = {"height": array.shape[0], "width": array.shape[1], "count": array.shape[2]}
        with memory.open(
            driver="GTiff",
            dtype=array.dtype.name,
            crs=UTM_33,
            transform=transform,
            **shape,
            **options,
        ) as file:
            file.write(np.moveaxis(array, -1, 0))
        return bytes(memory.getbuffer())


def read_back(values, tags):
    """What rasterio reads of a file with these tags: pixels, transform and reference system."""
    with rasterio.MemoryFile(encode_tiff(values, tags)) as memory, memory.open() as file:
        return np.moveaxis(file.read(), 0, -1), file.transform, file.crs


def eastings_and_northings(transform, height, width):
    """Where the middles of pixels lie, [height, width, 2]."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    return np.stack(transform * (columns, rows), axis=-1)


# A map that lies north up, and one that does not, which needs a matrix.
NORTH_UP = from_origin(WEST, NORTH, METRES, METRES)
ROTATED = Affine(8.0, 3.0, WEST, 4.0, -9.0, NORTH)


class TestTags:
    @pytest.mark.parametrize("transform", [NORTH_UP, ROTATED], ids=["north up", "rotated"])
    @pytest.mark.parametrize("point", ["AREA", "POINT"])
    @pytest.mark.parametrize(
        ("ratio", "start"), [((1, 1), (0, 0)), ((2, 2), (0, 0)), ((1.5, 0.75), (7, -3))]
    )
    def test_pixels_of_another_size_lie_where_the_files_do(self, transform, point, ratio, start):
        content = georeferenced(np.zeros((HEIGHT, WIDTH, 1), np.float32), transform)
        if point == "POINT":
            content = counting_middles(content)
        with rasterio.MemoryFile(content) as memory, memory.open() as file:
            original = file.transform
        tags = read_georeference(content).placed(ratio, start)
        _, placed, crs = read_back(np.zeros((20, 20, 1), np.float32), tags)
        assert crs.to_epsg() == 32633
        for row, column in [(0, 0), (20, 0), (3, 17.5)]:
            place = (start[1] + column * ratio[1], start[0] + row * ratio[0])
            np.testing.assert_allclose(placed * (column, row), original * place, atol=1e-6)

    def test_a_file_that_lies_nowhere_has_none(self):
        file = io.BytesIO()
        tifffile.imwrite(file, np.zeros((4, 4), np.uint8))
        assert read_georeference(file.getvalue()).placed((1, 1), (0, 0)) == []


def counting_middles(content):
    """Makes a file count from the middles of pixels, and changes nothing else."""
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        tags = {tag.code: tag.value for tag in file.pages[0].tags.values() if tag.code > 33000}
    keys = np.array(tags[34735]).reshape(-1, 4)
    keys[keys[:, 0] == 1025, 3] = 2  # GTRasterTypeGeoKey: RasterPixelIsPoint.
    tags[34735] = tuple(keys.ravel().tolist())
    kinds = {34735: "H", 34737: "s"}
    stored = [
        (code, kinds.get(code, "d"), 0 if isinstance(value, str) else len(value), value, True)
        for code, value in tags.items()
    ]
    changed = io.BytesIO()
    tifffile.imwrite(changed, np.zeros((HEIGHT, WIDTH), np.float32), extratags=stored)
    return changed.getvalue()


class TestResults:
    """The pixels of a picture say where they lie; so do those of the result, if its tags are right.

    The network is left out: what comes out is what goes in.
    """

    @pytest.fixture(scope="class")
    def original(self):
        places = eastings_and_northings(NORTH_UP, HEIGHT, WIDTH)
        low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
        content = georeferenced(((places - low) / (high - low)).astype(np.float32), NORTH_UP)
        return content, low, high

    @pytest.mark.parametrize("keep_size", [False, True])
    @pytest.mark.parametrize("fit", FITS)
    def test_they_lie_where_their_pixels_say(self, evaluate, original, fit, keep_size):
        content, low, high = original
        form = PairFormat("AtoB", 2, 2, SIZE, SIZE)

        def build():
            x, size = input_of_file(tf.constant(content), form, {TIFF}, fit)
            finish = restored if keep_size else unpadded
            return finish(x, size, fit), size

        picture, size = evaluate(build)
        place = place_of_result(size, SIZE, fit, keep_size)
        values, transform, _ = read_back(
            picture * 0.5 + 0.5, read_georeference(content).placed(*place)
        )
        said = values * (high - low) + low
        found = eastings_and_northings(transform, *values.shape[:2])
        # Less the edges, which filters bend, and what is beyond them.
        share = (found - low) / (high - low)
        inside = (share > 0.12).all(axis=-1) & (share < 0.88).all(axis=-1)
        assert inside.mean() > 0.3
        pixel = abs(transform.a)
        np.testing.assert_allclose(said[inside], found[inside], atol=0.2 * pixel)
