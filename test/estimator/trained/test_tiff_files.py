"""TIFF files to predict.py: what it makes of them, with the packages that it needs and without."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import tifffile
from PIL import Image
from rasterio.transform import from_origin

from estimator.predict import main
from input_fn.prepare import main as prepare

PREDICT = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "predict.py"
HEIGHT, WIDTH = 80, 100
WEST, NORTH = 500000.0, 5400000.0


@pytest.fixture(scope="module")
def photo():
    return np.random.RandomState(0).randint(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory, photo):
    """The same picture as a GeoTIFF file of GDAL's and as a PNG file."""
    folder = tmp_path_factory.mktemp("files")
    shape = {"height": HEIGHT, "width": WIDTH, "count": 3, "dtype": "uint8"}
    place = {"crs": "EPSG:32633", "transform": from_origin(WEST, NORTH, 10.0, 10.0)}
    with rasterio.open(str(folder / "map.tif"), "w", driver="GTiff", **shape, **place) as file:
        file.write(np.moveaxis(photo, -1, 0))
    Image.fromarray(photo).save(str(folder / "plain.png"))
    return folder


def predicted(run, source, target, *flags):
    model = f"--checkpoint_dir={run}"
    return main([f"--input={source}", f"--output={target}", model, *flags])


@pytest.mark.parametrize(
    "flags", [["--keep_size"], [], ["--fit=pad"], ["--fit=pad", "--keep_size"]]
)
def test_the_result_is_a_tiff_file_of_the_same_ground(finished, files, tmp_path, flags):
    assert predicted(finished[0], files, tmp_path, *flags) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.png", "map.tif", "plain.png"]
    with rasterio.open(str(tmp_path / "map.tif")) as file:
        values, bounds = np.moveaxis(file.read(), 0, -1), file.bounds
        assert file.crs.to_epsg() == 32633
    np.testing.assert_allclose(bounds, [WEST, NORTH - 800.0, WEST + 1000.0, NORTH], atol=1e-4)
    with Image.open(str(tmp_path / "plain.png")) as picture:
        expected = np.asarray(picture) / 255.0
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, expected, atol=1.01 / 255.0)


def test_colours_that_only_pillow_knows_become_png_files(finished, photo, tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(photo).convert("CMYK").save(str(tmp_path / "in" / "a.tif"))
    assert predicted(finished[0], tmp_path / "in", tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]


def test_other_bands_are_named_and_the_rest_are_done(finished, files, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    five = np.zeros((4, 4, 5), np.uint8)
    kind = {"photometric": "minisblack", "planarconfig": "contig"}
    tifffile.imwrite(str(tmp_path / "in" / "five.tif"), five, **kind)
    (tmp_path / "in" / "map.tif").write_bytes((files / "map.tif").read_bytes())
    assert predicted(finished[0], tmp_path / "in", tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert "five.tif: cannot be used as an array (a TIFF file of 5 bands has not 3" in error
    assert (tmp_path / "out" / "map.tif").exists()


def test_results_never_overwrite_the_pictures(finished, files, refuses):
    refuses(predicted(finished[0], files / "map.tif", files), "map.tif")


def test_without_tifffile_pictures_are_read_all_the_same_and_others_name_it(
    finished, files, tmp_path
):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tif").write_bytes((files / "map.tif").read_bytes())
    floats = np.zeros((4, 4), np.float32)
    tifffile.imwrite(str(tmp_path / "in" / "b.tif"), floats, photometric="minisblack")
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "tifffile.py").write_text("raise ImportError('it is not there')")
    places = [f"--input={tmp_path / 'in'}", f"--output={tmp_path / 'out'}"]
    process = subprocess.run(
        [sys.executable, str(PREDICT), *places, f"--checkpoint_dir={finished[0]}"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "blocked")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr == (
        f"error: {tmp_path}/in/b.tif: TIFF files need the package tifffile, which cannot be "
        "imported (it is not there); install it by pip install '.[tiff]' in the folder of "
        "setup.py\n"
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]


class TestGeoreference:
    """Files that say where they lie, and files that do not, by each kind of model and in tiles."""

    @pytest.fixture(params=["checkpoint", "graph", "tiles"])
    def translated(self, finished, tmp_path, request):
        """Translates pictures into the folder `out` with some flags; returns the exit code."""
        model = {
            "checkpoint": [f"--checkpoint_dir={finished[0]}"],
            "graph": [f"--graph={finished[0]}/frozen/model-6.pb"],
            "tiles": [f"--checkpoint_dir={finished[0]}", "--tile", "--overlap=8"],
        }[request.param]

        def run(source, *flags):
            return main([f"--input={source}", f"--output={tmp_path / 'out'}", *model, *flags])

        return run

    @pytest.fixture
    def with_lost(self, files, photo, tmp_path):
        """A folder with the map, and with TIFF files of its pixels that lie nowhere."""
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "map.tif").write_bytes((files / "map.tif").read_bytes())
        for name in ("lost.tif", "more.tif"):
            tifffile.imwrite(str(tmp_path / "in" / name), photo)
        return tmp_path / "in"

    def test_it_may_be_required_of_files_that_have_it(self, translated, files, tmp_path):
        assert translated(files / "map.tif", "--georeference=require") == 0
        with rasterio.open(str(tmp_path / "out" / "map.tif")) as file:
            assert file.crs.to_epsg() == 32633

    def test_then_a_file_without_it_is_refused_before_anything_is_written(
        self, translated, with_lost, tmp_path, refuses
    ):
        code = translated(with_lost, "--georeference=require")
        refuses(code, "lost.tif: has no georeference (1 more of the 3", "--georeference=keep")
        assert not (tmp_path / "out").exists()

    def test_and_so_is_one_of_another_kind(self, translated, files, tmp_path, refuses):
        code = translated(files, "--georeference=require")
        refuses(code, "plain.png: has no georeference, as it is no TIFF file")
        assert not (tmp_path / "out").exists()

    def test_and_so_is_what_is_no_file(self, translated, with_lost, tmp_path, refuses):
        os.mkfifo(str(with_lost / "a.tif"))
        code = translated(with_lost, "--georeference=require")
        refuses(code, "a.tif: has no georeference, as it is no file (2 more of the 4")
        assert not (tmp_path / "out").exists()

    def test_else_files_without_it_are_translated_as_well(self, translated, with_lost, tmp_path):
        assert translated(with_lost) == 0
        with tifffile.TiffFile(str(tmp_path / "out" / "lost.tif")) as file:
            assert not file.geotiff_metadata

    def test_it_may_be_dropped(self, translated, files, tmp_path):
        assert translated(files / "map.tif", "--georeference=drop") == 0
        with tifffile.TiffFile(str(tmp_path / "out" / "map.tif")) as file:
            assert not file.geotiff_metadata
        assert translated(files / "map.tif") == 0
        with tifffile.TiffFile(str(tmp_path / "out" / "map.tif")) as file:
            assert file.geotiff_metadata

    @pytest.mark.parametrize(
        ("flag", "named"),
        [("--input=-", "not pipes"), ("--output=-", "not pipes"), ("--watch=.", "--watch .")],
    )
    def test_it_is_not_required_of_what_is_no_file_yet(self, finished, files, refuses, flag, named):
        model = f"--checkpoint_dir={finished[0]}"
        others = [] if flag.startswith(("--input", "--watch")) else [f"--input={files}"]
        others += [] if flag.startswith("--output") else ["--output=x"]
        refuses(main([flag, *others, model, "--georeference=require"]), named)


class TestMoreThanTheMemory:
    """Pictures of 2**20 x 2**20 pixels, of which the files hold nothing but heads."""

    @pytest.fixture
    def huge(self, tmp_path):
        """Makes such a file of tiles of some size: 4 TiB when decoded, and no pixel is stored."""

        def written(tile):
            path = tmp_path / "in" / "huge.tif"
            path.parent.mkdir()
            side = {"height": 1 << 20, "width": 1 << 20, "count": 1, "dtype": "float32"}
            how = {"tiled": True, "blockxsize": tile, "blockysize": tile}
            how.update(SPARSE_OK="TRUE", BIGTIFF="YES", crs="EPSG:32633")
            place = from_origin(WEST, NORTH, 10.0, 10.0)
            rasterio.open(str(path), "w", driver="GTiff", transform=place, **side, **how).close()
            return path

        return written

    def test_as_a_whole_they_are_refused_in_a_line_before_anything_is_written(
        self, finished, files, huge, tmp_path, refuses
    ):
        folder = huge(1 << 14).parent
        (folder / "a.tif").write_bytes((files / "map.tif").read_bytes())
        code = predicted(finished[0], folder, tmp_path / "out")
        refuses(code, "huge.tif: 12288.0 GiB of memory are needed for it and ", "use --tile")
        assert not (tmp_path / "out").exists()

    def test_so_are_arrays_of_that_size(self, finished, tmp_path, refuses):
        path = tmp_path / "huge.npy"
        # A file with a hole: it takes no space.
        np.lib.format.open_memmap(str(path), "w+", np.uint8, (1 << 20, 1 << 20, 3)).flush()
        code = predicted(finished[0], path, tmp_path / "out")
        refuses(code, "huge.npy: ", "GiB of memory", "use --tile")
        assert not (tmp_path / "out").exists()

    def test_in_tiles_they_are_refused_only_if_their_parts_are_as_large(
        self, finished, huge, tmp_path, refuses
    ):
        path = huge(1 << 19)
        flags = ["--tile", "--overlap=8"]
        refuses(predicted(finished[0], path, tmp_path / "out", *flags), "huge.tif: ", "cut it up")
        assert not (tmp_path / "out").exists()
        code = prepare(["tiles", str(path.parent), str(tmp_path / "out"), "--data_layout=single"])
        refuses(code, "huge.tif: ", "small tiles or strips")
        assert not (tmp_path / "out").exists()
