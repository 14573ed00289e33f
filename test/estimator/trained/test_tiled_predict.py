"""predict.py --tile: large pictures, tile by tile."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from estimator.export import main as export
from estimator.predict import main
from estimator.trained.tiled_work import TiledWork

PREDICT = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "predict.py"
SIZE = 64


@pytest.fixture(scope="module")
def graph(finished, tmp_path_factory):
    """A frozen graph that takes statistics."""
    folder = tmp_path_factory.mktemp("graph")
    flags = ["--formats=pb", "--statistics=input", "--batch_size=0", "--test_dropout"]
    assert export([f"--checkpoint_dir={finished[0]}", f"--output={folder}", *flags]) == 0
    return folder / "model-6-statistics.pb"


def pixels(path):
    with Image.open(str(path)) as picture:
        return np.asarray(picture).astype(int)


def near(one, other):
    """Whether pictures differ by rounding alone."""
    return one.shape == other.shape and np.abs(one - other).max() <= 1


def ramp(count, overlap, size=SIZE):
    """The weights of a line of tiles, written anew: rows are tiles, columns pixels of a tile."""
    weights = np.ones([count, size])
    for number in range(overlap):
        weights[1:, number] = (number + 0.5) / overlap
        weights[:-1, -1 - number] = (number + 0.5) / overlap
    return weights


class TestBlending:
    # By default a quarter of a tile.
    @pytest.mark.parametrize(("flags", "overlap"), [(["--overlap=0"], 0), ([], 16)])
    def test_it_is_the_weighted_mean_of_what_the_network_makes_of_each_tile(
        self, finished, large, tiled, tmp_path, flags, overlap
    ):
        step = SIZE - overlap
        picture = np.pad(pixels(large), [(0, SIZE), (0, SIZE), (0, 0)], mode="symmetric")
        counts = [1 + -(-(side - SIZE) // step) for side in (150, 200)]
        places = [(row, column) for row in range(counts[0]) for column in range(counts[1])]
        (tmp_path / "tiles").mkdir()
        for row, column in places:
            part = picture[row * step :, column * step :][:SIZE, :SIZE].astype(np.uint8)
            Image.fromarray(part).save(str(tmp_path / "tiles" / f"{row}_{column}.png"))
        one_by_one = [f"--input={tmp_path / 'tiles'}", f"--output={tmp_path / 'each'}"]
        assert main([*one_by_one, f"--checkpoint_dir={finished[0]}"]) == 0

        wanted = np.zeros([*(step * count + overlap for count in counts), 3])
        down, across = (ramp(count, overlap) for count in counts)
        for row, column in places:
            weights = (down[row][:, None] * across[column])[..., None]
            part = wanted[row * step :, column * step :][:SIZE, :SIZE]
            part += weights * pixels(tmp_path / "each" / f"{row}_{column}.png")
        own = ["--tile_statistics=own", "--batch_size=3"]
        assert tiled(large, tmp_path / "out", *own, *flags) == 0
        assert near(pixels(tmp_path / "out" / "large.png"), wanted[:150, :200])

    def test_large_tiles_overlap_by_64_pixels(self, tiled, tmp_path):
        noise = np.random.RandomState(0).randint(256, size=[100, 700, 3]).astype(np.uint8)
        np.save(str(tmp_path / "a.npy"), noise)
        own = ["--tile_statistics=own", "--image_size=448"]
        results = []
        for flags in ([], ["--overlap=64"], ["--overlap=128"]):
            target = tmp_path / f"{len(results)}.png"
            assert tiled(tmp_path / "a.npy", target, *own, *flags) == 0
            results.append(pixels(target))
        np.testing.assert_array_equal(results[0], results[1])
        assert not near(results[0], results[2])

    def test_any_size_is_kept(self, large, tiled, tmp_path):
        sizes = [(64, 64), (1, 1), (17, 90), (65, 64), (64, 193), (300, 5)]
        for number, size in enumerate(sizes):
            with Image.open(str(large)) as picture:
                picture.resize(size).save(str(tmp_path / f"{number}.png"))
        assert tiled(f"{tmp_path}/*.png", tmp_path / "out", "--overlap=32") == 0
        for number, size in enumerate(sizes):
            assert pixels(tmp_path / "out" / f"{number}.png").shape == (size[1], size[0], 3)

    def test_of_a_picture_that_is_one_tile_comes_what_comes_without(
        self, finished, large, tiled, tmp_path
    ):
        with Image.open(str(large)) as picture:
            picture.crop((50, 50, 114, 114)).save(str(tmp_path / "a.png"))
        assert tiled(tmp_path / "a.png", tmp_path / "tile.png", "--overlap=8") == 0
        flags = [f"--input={tmp_path / 'a.png'}", f"--output={tmp_path / 'whole.png'}"]
        assert main([*flags, f"--checkpoint_dir={finished[0]}"]) == 0
        assert near(pixels(tmp_path / "tile.png"), pixels(tmp_path / "whole.png"))


class TestFiles:
    def test_an_array_becomes_what_the_picture_of_its_values_becomes(self, large, tiled, tmp_path):
        np.save(str(tmp_path / "large.npy"), pixels(large).astype(np.uint8))
        assert tiled(large, tmp_path / "one", "--overlap=8") == 0
        assert tiled(tmp_path / "large.npy", tmp_path / "other", "--overlap=8") == 0
        one, other = (pixels(tmp_path / name / "large.png") for name in ("one", "other"))
        assert near(one, other)

    def test_a_jpeg_file_is_decoded_as_it_is_without_tiles(self, finished, large, tiled, tmp_path):
        with Image.open(str(large)) as picture:
            picture.crop((50, 50, 114, 114)).save(str(tmp_path / "a.jpg"), quality=60)
        assert tiled(tmp_path / "a.jpg", tmp_path / "tile.png", "--overlap=8") == 0
        flags = [f"--input={tmp_path / 'a.jpg'}", f"--output={tmp_path / 'whole.png'}"]
        assert main([*flags, f"--checkpoint_dir={finished[0]}"]) == 0
        assert near(pixels(tmp_path / "tile.png"), pixels(tmp_path / "whole.png"))

    def test_nothing_but_the_results_is_left(self, large, tiled, tmp_path):
        assert tiled(large, tmp_path, "--overlap=8") == 0
        assert [path.name for path in tmp_path.iterdir()] == ["large.png"]


class TestStatistics:
    def test_tiles_that_are_alike_share_what_each_has(self, large, tiled, tmp_path):
        with Image.open(str(large)) as picture:
            tile = np.asarray(picture.crop((50, 50, 114, 114)))
        Image.fromarray(np.tile(tile, (2, 3, 1))).save(str(tmp_path / "a.png"))
        for way in ("shared", "own"):
            flags = ["--overlap=0", f"--tile_statistics={way}"]
            assert tiled(tmp_path / "a.png", tmp_path / way, *flags) == 0
        one, other = (pixels(tmp_path / way / "a.png") for way in ("shared", "own"))
        assert near(one, other)
        assert near(one, np.tile(one[:64, :64], (2, 3, 1)))

    def test_of_the_whole_picture_they_are_the_same_wherever_a_tile_lies(
        self, large, tiled, tmp_path
    ):
        """A tile is translated in the same way beside others, as long as they are the same ones."""
        with Image.open(str(large)) as picture:
            left, right = (np.asarray(picture.crop((x, 0, x + 64, 64))) for x in (0, 100))
        for name, order in (("a", [left, right]), ("b", [right, left])):
            Image.fromarray(np.concatenate(order, axis=1)).save(str(tmp_path / f"{name}.png"))
        assert tiled(f"{tmp_path}/*.png", tmp_path / "out", "--overlap=0") == 0
        a, b = (pixels(tmp_path / "out" / f"{name}.png") for name in "ab")
        assert near(a[:, :64], b[:, 64:])
        assert near(a[:, 64:], b[:, :64])
        assert (
            tiled(f"{tmp_path}/a.png", tmp_path / "own", "--overlap=0", "--tile_statistics=own")
            == 0
        )
        assert not near(a, pixels(tmp_path / "own" / "a.png"))

    def test_a_frozen_graph_can_be_given_them(self, large, tiled, graph, tmp_path):
        assert tiled(large, tmp_path / "graph.png", "--overlap=16", model=graph) == 0
        assert tiled(large, tmp_path / "run.png", "--overlap=16") == 0
        assert near(pixels(tmp_path / "graph.png"), pixels(tmp_path / "run.png"))

    def test_such_a_graph_also_translates_single_pictures(self, finished, large, graph, tmp_path):
        places = [f"--input={large}", f"--output={tmp_path}"]
        assert main([f"--input={large}", f"--output={tmp_path / 'a.png'}", f"--graph={graph}"]) == 0
        assert main([*places, f"--checkpoint_dir={finished[0]}"]) == 0
        assert near(pixels(tmp_path / "a.png"), pixels(tmp_path / "large.png"))


class TestGoingOn:
    @pytest.fixture
    def stopped(self, large, tiled, tmp_path, monkeypatch):
        """A translation that was stopped after two lines of tiles; returns how it goes on.

        Gives the exit code and how many rows were written by the second start.
        """
        append, appended = TiledWork.append, []

        def stop(work, rows):
            if len(appended) == 2:
                raise KeyboardInterrupt
            appended.append(len(rows))
            append(work, rows)

        def count(work, rows):
            appended.append(len(rows))
            append(work, rows)

        monkeypatch.setattr(TiledWork, "append", stop)
        with pytest.raises(KeyboardInterrupt):
            tiled(large, tmp_path / "out", "--overlap=16")
        assert not (tmp_path / "out" / "large.png").exists()
        monkeypatch.setattr(TiledWork, "append", count)

        def go_on(*flags):
            del appended[:]
            return tiled(large, tmp_path / "out", "--overlap=16", *flags), sum(appended)

        return go_on

    def test_the_rows_that_are_done_are_kept(self, stopped, large, tiled, tmp_path):
        assert stopped() == (0, 150 - 2 * (SIZE - 16))
        assert tiled(large, tmp_path / "whole", "--overlap=16") == 0
        one, other = (pixels(tmp_path / name / "large.png") for name in ("out", "whole"))
        np.testing.assert_array_equal(one, other)

    def test_not_for_another_way(self, stopped):
        assert stopped("--tile_statistics=own") == (0, 150)

    def test_not_for_another_picture(self, stopped, large):
        content = large.read_bytes()
        large.write_bytes(content)
        assert stopped() == (0, 150)

    def test_pictures_that_were_finished_are_not_done_again(
        self, large, tiled, tmp_path, monkeypatch
    ):
        for name in "ab":
            (tmp_path / f"{name}.png").write_bytes(large.read_bytes())
        append, targets = TiledWork.append, []

        def stop_at_second(work, rows):
            targets.append(work.target)
            if work.target.endswith("b.png"):
                raise KeyboardInterrupt
            append(work, rows)

        monkeypatch.setattr(TiledWork, "append", stop_at_second)
        with pytest.raises(KeyboardInterrupt):
            tiled(f"{tmp_path}/*.png", tmp_path / "out", "--overlap=16")
        monkeypatch.undo()
        written = (tmp_path / "out" / "a.png").stat().st_mtime_ns
        assert tiled(f"{tmp_path}/*.png", tmp_path / "out", "--overlap=16") == 0
        assert (tmp_path / "out" / "a.png").stat().st_mtime_ns == written
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]


class TestMemory:
    def test_it_does_not_grow_with_the_height(self, graph, tmp_path):
        peaks = []
        for height in (256, 8192):
            shape = [height, 256, 3]
            np.save(str(tmp_path / "a.npy"), np.random.RandomState(0).randint(0, 256, shape, "u1"))
            places = [f"--input={tmp_path / 'a.npy'}", f"--output={tmp_path / 'out'}"]
            flags = [f"--graph={graph}", "--tile", "--overlap=0", "--batch_size=16"]
            program = (
                "import resource, sys; from estimator.predict import main; code = main(); "
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
            )
            process = subprocess.run(
                [sys.executable, "-c", program, *places, *flags],
                capture_output=True,
                text=True,
                check=True,
                cwd=str(PREDICT.parents[1]),
            )
            peaks.append(int(process.stdout.split()[-1]))  # In KiB.
            assert pixels(tmp_path / "out" / "a.png").shape == tuple(shape)
        # The result alone is 6 MiB as levels, and 24 MiB as what it is blended of.
        assert peaks[1] - peaks[0] < 12 * 1024
