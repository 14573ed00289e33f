"""Where the inputs of pairs lie, whichever way the pairs are stored."""

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from input_fn import PairFormat, list_pairs, placed_inputs
from input_fn.prepare import main as prepare

SIZE = (32, 32)


def write(path, west, height=20, width=30):
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = {"count": 1, "height": height, "width": width, "dtype": "uint8"}
    place = {"crs": "EPSG:32633", "transform": from_origin(west, 5400000.0, 10.0, 10.0)}
    with rasterio.open(str(path), "w", driver="GTiff", **shape, **place) as file:
        file.write(np.arange(height * width, dtype=np.uint8).reshape(1, height, width))


@pytest.fixture
def folder(tmp_path):
    """Pairs of files of their own; A lies at 1000 and 1001, B at 2000 and 2001."""
    for number in range(2):
        write(tmp_path / "data" / "train" / "A" / f"{number}.tif", 1000.0 + number)
        write(tmp_path / "data" / "train" / "B" / f"{number}.tif", 2000.0 + number)
    return tmp_path / "data"


def wests(places):
    """Where the tie point of each file lies, by the tag of that name."""
    return [dict(georeference.tags)[33922][3] for georeference, _ in places]


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(("direction", "expected"), [("AtoB", 1000.0), ("BtoA", 2000.0)])
def test_it_is_the_inputs_file_that_counts(folder, tmp_path, direction, expected, is_packed):
    if is_packed:
        flags = ["--data_layout=folders", "--shards=2"]
        assert prepare(["pack", str(folder), str(tmp_path / "packed"), *flags]) == 0
        folder = tmp_path / "packed"
    pairs = list_pairs(str(folder / "train"), layout="folders")
    places = list(placed_inputs(pairs, PairFormat(direction, 1, 1, SIZE, SIZE, layout="folders")))
    assert wests(places) == [expected, expected + 1]
    assert [size for _, size in places] == [(20, 30)] * 2


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_side_by_side_both_lie_at_the_left_half(tmp_path, direction):
    write(tmp_path / "0.tif", 3000.0, width=60)
    pairs = list_pairs(str(tmp_path))
    places = list(placed_inputs(pairs, PairFormat(direction, 1, 1, SIZE, SIZE)))
    assert wests(places) == [3000.0]
    assert places[0][1] == (20, 30)


def test_what_is_no_tiff_file_has_no_place(tmp_path):
    write(tmp_path / "0.tif", 3000.0, width=60)
    Image.new("L", (60, 20)).save(str(tmp_path / "1.png"))
    places = list(placed_inputs(list_pairs(str(tmp_path)), PairFormat("AtoB", 1, 1, SIZE, SIZE)))
    assert wests(places[:1]) == [3000.0]
    assert places[1:] == [None]
