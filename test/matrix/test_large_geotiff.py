"""Large GeoTIFF files with values in units: cut up, learnt, and translated tile by tile."""

import collections
import shutil

import numpy as np
import pytest
import rasterio
import tifffile
from rasterio.transform import from_origin

from estimator import export, predict, train
from input_fn import prepare

PLACE = from_origin(500000.0, 5400000.0, 10.0, 10.0)
HEIGHT, WIDTH, TILE = 90, 130, 32
HIGHEST = 4000.0  # Metres.
FLAGS = [
    "--data_layout=folders",
    "--inputs=radar:2",
    "--target=height",
    "--output_nc=1",
    f"--value_range=0,65535/0,{HIGHEST:g}",
    "--fine_size=32",
    "--ngf=4",
    "--ndf=4",
    "--device=cpu",
    "--test_dropout=false",
    "--max_steps=4",
]

ALIKE = ["--overlap=0", "--data_layout=folders"]

Used = collections.namedtuple("Used", ["folder", "tiles", "model"])


def write(path, values, **how):
    """Saves [bands, height, width] as a GeoTIFF file, by GDAL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = values.shape
    shape = {"count": count, "height": height, "width": width, "dtype": values.dtype.name}
    place = {"crs": "EPSG:32633", "transform": PLACE}
    with rasterio.open(str(path), "w", driver="GTiff", **shape, **place, **how) as file:
        file.write(values)


def read(path):
    with rasterio.open(str(path)) as file:
        return file.read(), file.transform, file.crs.to_epsg()


@pytest.fixture(scope="module")
def radar():
    """Two bands of 16 bits, the one brighter to the right."""
    values = np.random.RandomState(0).randint(0, 30000, [2, HEIGHT, WIDTH])
    return (values + np.linspace([0, 0], [0, 30000], WIDTH).T[:, None]).astype(np.uint16)


@pytest.fixture(scope="module")
def trained(call, radar, tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    deflated = {"tiled": True, "blockxsize": 64, "blockysize": 32, "compress": "deflate"}
    write(folder / "large" / "train" / "radar" / "1.tif", radar, **deflated)
    metres = (radar[1:].astype(np.float32) / 65535 * HIGHEST).astype(np.float32)
    write(folder / "large" / "train" / "height" / "1.tif", metres, blockysize=7)
    cut = call(prepare, "tiles", folder / "large", folder / "data", "--size=32", *ALIKE)
    call(train, f"--data_path={folder / 'data'}", f"--checkpoint_dir={folder / 'run'}", *FLAGS)
    return Used(folder, cut, f"--checkpoint_dir={folder / 'run'}")


@pytest.fixture(scope="module", params=["checkpoint", "graph"])
def used(call, trained, request):
    if request.param == "checkpoint":
        return trained
    call(export, trained.model, "--formats=pb", "--statistics=input", "--batch_size=0")
    graph = trained.folder / "run" / "export" / "model-4-statistics.pb"
    return trained._replace(model=f"--graph={graph}")


def test_tiles_of_both_hold_the_values_of_the_same_places(trained, radar):
    # 3 lines of 5 tiles, each of radar and height.
    assert trained.tiles.endswith("30 tiles written, 0 skipped\n")
    data = trained.folder / "data" / "train"
    place = "1_y00058_x00096.tif"
    with rasterio.open(str(data / "radar" / place)) as file:
        np.testing.assert_array_equal(file.read(), radar[:, 58:90, 96:128])
    with rasterio.open(str(data / "height" / place)) as file:
        np.testing.assert_allclose(file.read(1), radar[1, 58:90, 96:128] / 65535 * 4000, rtol=1e-6)


def test_a_result_lies_where_its_input_lies_and_is_in_units(call, used, tmp_path):
    places = [f"--input={used.folder}/large/train/radar", f"--output={tmp_path}"]
    call(predict, *places, used.model, "--tile", "--overlap=8")
    values, transform, code = read(tmp_path / "1.tif")
    assert values.shape == (1, HEIGHT, WIDTH)
    assert values.dtype == np.float32
    assert (transform, code) == (PLACE, 32633)
    assert values.min() >= 0
    # After 4 steps nothing is learnt; what comes out is about the middle of the range.
    assert HIGHEST / 4 < values.mean() < HIGHEST * 3 / 4


class TestTestPhase:
    """What --phase=test writes of TIFF files: what predict.py does."""

    @pytest.fixture(scope="class")
    def tested(self, call, trained, tmp_path_factory):
        """The folder of the outputs for the tiles, of which each has a place of its own."""
        run, data = trained.folder / "run", tmp_path_factory.mktemp("tested")
        shutil.copytree(str(trained.folder / "data" / "train"), str(data / "test"))
        call(train, f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test")
        return run / "outputs"

    @pytest.mark.parametrize("kind", ["", "inputs", "targets"])
    def test_all_that_it_writes_lies_where_the_input_lies(self, tested, kind):
        _, transform, code = read(tested / kind / "1_y00058_x00096.tif")
        assert code == 32633
        # The tile's corner: 58 and 96 pixels of 10 m from that of the whole.
        assert transform == from_origin(500960.0, 5399420.0, 10.0, 10.0)
        assert not list((tested / kind).glob("*.npy"))

    def test_outputs_are_predictions(self, call, trained, tested, tmp_path):
        places = [f"--input={trained.folder}/data/train/radar", f"--output={tmp_path}"]
        call(predict, *places, trained.model, "--batch_size=4")
        for path in sorted(tmp_path.glob("*.tif")):
            values, *place = read(path)
            expected, *expected_place = read(tested / path.name)
            assert place == expected_place
            np.testing.assert_allclose(values, expected, atol=0.5)

    def test_inputs_and_targets_are_in_units(self, tested, radar):
        seen = read(tested / "inputs" / "1_y00000_x00032.tif")[0]
        np.testing.assert_allclose(seen, radar[:, :32, 32:64], atol=0.1)
        metres = read(tested / "targets" / "1_y00000_x00032.tif")[0][0]
        np.testing.assert_allclose(metres, radar[1, :32, 32:64] / 65535 * HIGHEST, atol=0.01)

    def test_without_a_georeference_files_are_tiff_as_well(self, call, trained, radar, tmp_path):
        for side, values in (("radar", radar), ("height", radar[1:].astype(np.float32) / 20)):
            (tmp_path / "test" / side).mkdir(parents=True)
            part = np.moveaxis(values[:, :TILE, :TILE], 0, -1)
            kind = {"photometric": "minisblack", "planarconfig": "contig"}
            path = str(tmp_path / "test" / side / "lost.tif")
            tifffile.imwrite(path, part if len(values) > 1 else part[..., 0], **kind)
        run = trained.folder / "run"
        call(train, f"--data_path={tmp_path}", f"--checkpoint_dir={run}", "--phase=test")
        with tifffile.TiffFile(str(run / "outputs" / "lost.tif")) as file:
            assert not file.geotiff_metadata
            assert file.asarray().shape == (TILE, TILE)


def test_of_one_tile_it_is_what_comes_without_tiles(call, used, radar, tmp_path):
    write(tmp_path / "in" / "1.tif", radar[:, :TILE, :TILE])
    inputs, model = f"--input={tmp_path / 'in'}", used.model
    call(predict, inputs, f"--output={tmp_path / 'tile'}", model, "--tile", "--overlap=8")
    call(predict, inputs, f"--output={tmp_path / 'whole'}", model)
    tile, whole = (read(tmp_path / name / "1.tif")[0] for name in ("tile", "whole"))
    np.testing.assert_allclose(tile, whole, atol=0.01)
