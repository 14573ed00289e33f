"""`tiles`: pictures and pairs cut up."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import tifffile
from PIL import Image
from rasterio.transform import Affine

from input_fn import list_pairs
from input_fn.prepare import main


def tiles(tmp_path, *flags):
    return main(["tiles", str(tmp_path / "in"), str(tmp_path / "out"), *flags])


def written(folder):
    return sorted(
        os.path.relpath(os.path.join(place, name), str(folder))
        for place, _, names in os.walk(str(folder))
        for name in names
    )


def test_tiles_are_parts_of_the_picture_and_their_names_say_which(tmp_path, save, noise):
    picture = noise(70, 100, 3)
    save(tmp_path / "in" / "train" / "a.png", picture)
    flags = ["--size=40x50", "--overlap=10", "--data_layout=single"]
    assert tiles(tmp_path, *flags) == 0
    # Steps of 30 and 40; the last of a line is moved inwards.
    places = [(top, left) for top in (0, 30) for left in (0, 40, 50)]
    names = [f"train/a_y{top:05d}_x{left:05d}.png" for top, left in places]
    assert written(tmp_path / "out") == names
    for (top, left), name in zip(places, names):
        with Image.open(str(tmp_path / "out" / name)) as tile:
            np.testing.assert_array_equal(np.asarray(tile), picture[top:, left:][:40, :50])


def test_both_halves_of_a_pair_are_cut_at_the_same_places(tmp_path, save, noise):
    a, b = noise(40, 60, 3), noise(40, 60, 3, seed=1)
    save(tmp_path / "in" / "a.png", np.concatenate([a, b], axis=1))
    assert tiles(tmp_path, "--size=30", "--overlap=0") == 0
    assert len(written(tmp_path / "out")) == 4
    with Image.open(str(tmp_path / "out" / "a_y00010_x00030.png")) as tile:
        pixels = np.asarray(tile)
    np.testing.assert_array_equal(pixels[:, :30], a[10:, 30:])
    np.testing.assert_array_equal(pixels[:, 30:], b[10:, 30:])


def test_split_keeps_the_tiles_of_a_photo_together(tmp_path, save, noise):
    for photo in "abcd":
        save(tmp_path / "in" / f"{photo}.png", noise(32, 128, 3))
    assert tiles(tmp_path, "--size=32", "--overlap=0") == 0
    flags = ["--train=0.5", "--val=0.5", "--test=0", "--group=^(.*)_y"]
    assert main(["split", str(tmp_path / "out"), str(tmp_path / "data"), *flags]) == 0
    photos = [
        {name[0] for name in os.listdir(str(tmp_path / "data" / split))}
        for split in ("train", "val")
    ]
    assert [len(each) for each in photos] == [2, 2]
    assert not photos[0] & photos[1]


class TestEmpty:
    @pytest.fixture
    def half_empty(self, noise):
        """A picture of 32x64 whose left half is black."""
        picture = noise(32, 64, 3)
        picture[:, :32] = 0
        return picture

    def test_tiles_of_one_value_are_left_out_if_asked_for(self, tmp_path, save, half_empty, capsys):
        save(tmp_path / "in" / "a.png", half_empty)
        flags = ["--size=32", "--overlap=0", "--data_layout=single"]
        assert tiles(tmp_path, *flags, "--drop_empty") == 0
        assert written(tmp_path / "out") == ["a_y00000_x00032.png"]
        said = capsys.readouterr().out
        assert said == "1 empty tiles left out\n1 tiles written, 0 skipped\n"
        assert tiles(tmp_path, *flags) == 0
        assert len(written(tmp_path / "out")) == 2

    def test_of_pairs_if_either_is_empty(self, tmp_path, save, noise, half_empty):
        save(tmp_path / "in" / "a.png", np.concatenate([noise(32, 64, 3), half_empty], axis=1))
        assert tiles(tmp_path, "--size=32", "--overlap=0", "--drop_empty") == 0
        assert written(tmp_path / "out") == ["a_y00000_x00032.png"]

    def test_of_files_of_their_own_in_all_folders(self, tmp_path, save, noise, half_empty):
        save(tmp_path / "in" / "train" / "A" / "a.png", noise(32, 64, 3))
        save(tmp_path / "in" / "train" / "B" / "a.png", half_empty)
        flags = ["--size=32", "--overlap=0", "--data_layout=folders", "--drop_empty"]
        assert tiles(tmp_path, *flags) == 0
        assert len(list_pairs(str(tmp_path / "out" / "train"), layout="folders")) == 1


class TestKinds:
    def test_arrays_and_tiff_files_keep_their_values(self, tmp_path):
        (tmp_path / "in").mkdir()
        values = np.random.RandomState(0).normal(size=[40, 50, 6]).astype(np.float32)
        np.save(str(tmp_path / "in" / "a.npy"), values)
        tifffile.imwrite(
            str(tmp_path / "in" / "b.tif"),
            (100 * values).astype(np.int16),
            planarconfig="contig",
            photometric="minisblack",
        )
        assert tiles(tmp_path, "--size=30", "--overlap=0", "--data_layout=single") == 0
        array = np.load(str(tmp_path / "out" / "a_y00010_x00020.npy"))
        np.testing.assert_array_equal(array, values[10:, 20:])
        stored = tifffile.imread(str(tmp_path / "out" / "b_y00010_x00020.tif"))
        np.testing.assert_array_equal(stored, (100 * values).astype(np.int16)[10:, 20:])

    def test_png_files_of_16_bits_keep_them(self, tmp_path):
        (tmp_path / "in").mkdir()
        values = np.random.RandomState(0).randint(0, 65536, [40, 50]).astype(np.uint16)
        Image.fromarray(values).save(str(tmp_path / "in" / "a.png"))
        assert tiles(tmp_path, "--size=30", "--overlap=0", "--data_layout=single") == 0
        with Image.open(str(tmp_path / "out" / "a_y00000_x00000.png")) as tile:
            np.testing.assert_array_equal(np.asarray(tile), values[:30, :30])


class TestGeoreference:
    """Tiles of a GeoTIFF file lie where their part of it lies, as rasterio reads them."""

    @pytest.fixture
    def scene(self, tmp_path):
        """Writes a GeoTIFF file of 70x100 pixels with some transform; returns its values."""

        def written(name, transform, **how):
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            values = np.random.RandomState(0).randint(0, 30000, [2, 70, 100]).astype(np.uint16)
            shape = {"count": 2, "height": 70, "width": 100, "dtype": "uint16"}
            place = {"crs": "EPSG:32633", "transform": transform}
            with rasterio.open(str(path), "w", driver="GTiff", **shape, **place, **how) as file:
                file.write(values)
            return values

        return written

    @pytest.mark.parametrize(
        "transform",
        [Affine(10.0, 0.0, 5e5, 0.0, -10.0, 54e5), Affine(8.0, 3.0, 5e5, 4.0, -9.0, 54e5)],
        ids=["north up", "rotated"],
    )
    def test_each_lies_at_its_own_place(self, tmp_path, scene, transform):
        values = scene("a.tif", transform, tiled=True, blockxsize=32, blockysize=16)
        flags = ["--size=40x50", "--overlap=10", "--data_layout=single"]
        assert tiles(tmp_path, *flags) == 0
        for top, left in [(top, left) for top in (0, 30) for left in (0, 40, 50)]:
            with rasterio.open(str(tmp_path / "out" / f"a_y{top:05d}_x{left:05d}.tif")) as file:
                assert file.crs.to_epsg() == 32633
                # The middle of its first and of its last pixel, by GDAL in both files.
                for row, column in ((0, 0), (39, 49)):
                    original = transform * (left + column + 0.5, top + row + 0.5)
                    np.testing.assert_allclose(file.xy(row, column), original, atol=1e-6)
                np.testing.assert_array_equal(file.read(), values[:, top:, left:][:, :40, :50])

    def test_of_those_that_lie_north_up_bounds_are_known(self, tmp_path, scene):
        scene("a.tif", Affine(10.0, 0.0, 5e5, 0.0, -10.0, 54e5))
        assert tiles(tmp_path, "--size=35x50", "--overlap=0", "--data_layout=single") == 0
        with rasterio.open(str(tmp_path / "out" / "a_y00035_x00050.tif")) as file:
            assert tuple(file.bounds) == (500500.0, 5399300.0, 501000.0, 5399650.0)

    def test_pairs_side_by_side_lie_where_the_left_half_lies(self, tmp_path, scene):
        scene("a.tif", Affine(10.0, 0.0, 5e5, 0.0, -10.0, 54e5))
        assert tiles(tmp_path, "--size=35x25", "--overlap=0") == 0
        with rasterio.open(str(tmp_path / "out" / "a_y00035_x00025.tif")) as file:
            assert (file.bounds.left, file.bounds.top) == (500250.0, 5399650.0)
            assert file.width == 50


class TestMemory:
    def test_of_a_picture_beyond_the_memory_only_rows_are_in_it(self, tmp_path):
        """10 GB of float32, of which GDAL has stored a single tile of 256x256."""
        (tmp_path / "in").mkdir()
        shape = {"height": 50000, "width": 50000, "count": 1, "dtype": "float32"}
        how = {"tiled": True, "SPARSE_OK": "TRUE", "BIGTIFF": "YES", "crs": "EPSG:32633"}
        place = Affine(10.0, 0.0, 5e5, 0.0, -10.0, 54e5)
        values = np.random.RandomState(0).rand(256, 256).astype(np.float32)
        path = str(tmp_path / "in" / "a.tif")
        with rasterio.open(path, "w", driver="GTiff", transform=place, **shape, **how) as file:
            file.write(values, 1, window=((25600, 25856), (12800, 13056)))
        program = (
            "import resource, sys; from input_fn.prepare import main; code = main(); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
        )
        places = [str(tmp_path / "in"), str(tmp_path / "out")]
        flags = ["--size=256", "--overlap=0", "--data_layout=single", "--drop_empty"]
        process = subprocess.run(
            [sys.executable, "-c", program, "tiles", *places, *flags],
            capture_output=True,
            text=True,
            check=True,
            cwd=str(pathlib.Path(__file__).resolve().parents[3]),
        )
        assert written(tmp_path / "out") == ["a_y25600_x12800.tif"]
        with rasterio.open(str(tmp_path / "out" / "a_y25600_x12800.tif")) as file:
            np.testing.assert_array_equal(file.read(1), values)
            assert (file.bounds.left, file.bounds.top) == (628000.0, 5144000.0)
        assert int(process.stdout.split()[-1]) < 1 << 20  # KiB.


class TestBadInput:
    def test_what_is_smaller_than_a_tile_or_broken_is_named(self, tmp_path, save, noise, capsys):
        save(tmp_path / "in" / "a.png", noise(32, 64, 3))
        save(tmp_path / "in" / "b.png", noise(31, 64, 3))
        (tmp_path / "in" / "c.png").write_text("no picture")
        assert tiles(tmp_path, "--size=32", "--overlap=0") == 1
        said = capsys.readouterr()
        assert "1 tiles written, 2 skipped" in said.out
        assert "b.png: is 31x32 (height x width), smaller than a tile" in said.err
        assert "c.png: " in said.err

    def test_partners_of_other_sizes_are_named(self, tmp_path, save, noise, capsys):
        save(tmp_path / "in" / "A" / "a.png", noise(32, 64, 3))
        save(tmp_path / "in" / "B" / "a.png", noise(32, 65, 3))
        assert tiles(tmp_path, "--size=32", "--overlap=0", "--data_layout=folders") == 1
        assert "a.png: is 32x65" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()

    def test_an_overlap_of_more_than_half_a_tile(self, tmp_path, save, capsys):
        save(tmp_path / "in" / "a.png")
        assert tiles(tmp_path, "--size=32", "--overlap=17") == 2
        assert "overlap by 16 at most" in capsys.readouterr().err
