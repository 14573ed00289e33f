import hashlib
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from input_fn.checks.faults import check_pairs
from input_fn.errors import DataError
from input_fn.listing import list_pairs
from input_fn.pair_format import PairFormat
from input_fn.synthetic.layout import COLOURS
from input_fn.synthetic.pairs import make_pair, write_data_set, write_pairs

PROJECT = pathlib.Path(__file__).resolve().parents[3]
SIDE = 48
FORMAT = PairFormat("AtoB", 3, 3, load_size=(SIDE, SIDE), fine_size=(SIDE, SIDE))

DIGEST_IN_A_FRESH_PROCESS = """
import hashlib
from input_fn.synthetic.pairs import make_pair
photo, labels = make_pair((3, 1, 4), 64, 96)
print(hashlib.sha256(photo.tobytes() + labels.tobytes()).hexdigest())
"""


def colours_of(labels):
    return set(map(tuple, labels.reshape(-1, 3)))


def is_label(pixels):
    """Says of each pixel of a JPEG whether it has the colour of a label, more or less."""
    palette = np.array(list(COLOURS.values()))
    distances = np.abs(pixels[:, :, None].astype(int) - palette).max(axis=-1)
    return distances.min(axis=-1) <= 12


@pytest.fixture
def write(tmp_path):
    """Writes pairs of 48x48 pixels and returns the folder."""

    def write(count, seed=0, folder=tmp_path):
        write_pairs(str(folder), count, seed, SIDE, SIDE)
        return folder

    return write


def contents_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestMakePair:
    @settings(max_examples=20, deadline=None)
    @given(
        seed=st.integers(0, 2**32 - 1),
        height=st.integers(32, 80),
        width=st.integers(32, 80),
    )
    def test_a_photo_and_labels_of_any_size_in_the_colours_of_facades(self, seed, height, width):
        photo, labels = make_pair(seed, height, width)
        assert photo.shape == labels.shape == (height, width, 3)
        assert photo.dtype == labels.dtype == np.uint8
        assert colours_of(labels) <= set(COLOURS.values())
        assert len(colours_of(labels)) >= 4
        assert photo.std() > 10

    def test_each_of_the_twelve_colours_occurs(self):
        assert len(set(COLOURS.values())) == 12
        found = set().union(*(colours_of(make_pair(seed, 64, 64)[1]) for seed in range(60)))
        assert found == set(COLOURS.values())

    def test_a_seed_gives_one_pair(self):
        for first, second in zip(make_pair(7, 64, 96), make_pair(7, 64, 96)):
            np.testing.assert_array_equal(first, second)

    def test_a_fresh_process_gives_the_same_pair(self):
        np.random.seed(1)  # Not to depend on the state of the process either.
        photo, labels = make_pair((3, 1, 4), 64, 96)
        process = subprocess.run(
            [sys.executable, "-c", DIGEST_IN_A_FRESH_PROCESS],
            capture_output=True,
            text=True,
            check=True,
            cwd=str(PROJECT),
            env={**os.environ, "PYTHONHASHSEED": "99"},
        )
        digest = hashlib.sha256(photo.tobytes() + labels.tobytes()).hexdigest()
        assert process.stdout.strip() == digest

    def test_other_seeds_give_other_photos_and_other_labels(self):
        seeds = [*range(20), (0, 1), (1, 0), (0, 1, 1)]
        photos, labels = zip(*(make_pair(seed, SIDE, SIDE) for seed in seeds))
        for pictures in (photos, labels):
            assert len({picture.tobytes() for picture in pictures}) == len(seeds)

    def test_the_photo_shows_what_the_labels_say(self):
        # Glass is darker than the wall around it, on most facades and by far on the whole.
        differences = []
        for seed in range(12):
            photo, labels = make_pair(seed, 96, 96)
            wall, window = (
                photo[(labels == COLOURS[kind]).all(axis=-1)].mean() for kind in ("wall", "window")
            )
            differences.append(wall - window)
        assert np.mean(differences) > 20

    @pytest.mark.parametrize("size", [(31, 64), (64, 31), (0, 0)])
    def test_sides_below_32_pixels_are_refused(self, size):
        with pytest.raises(ValueError, match=f"{size[0]}x{size[1]} is too small.* 32$"):
            make_pair(0, *size)


class TestWritePairs:
    def test_files_are_numbered_and_pass_the_check(self, write):
        folder = write(3)
        assert {path.name for path in folder.iterdir()} == {"1.jpg", "2.jpg", "3.jpg"}
        check_pairs(list_pairs(str(folder)), FORMAT)

    @pytest.mark.parametrize(("height", "width"), [(48, 48), (48, 80), (80, 48)])
    def test_the_photo_is_the_left_half_and_the_labels_are_the_right(self, tmp_path, height, width):
        write_pairs(str(tmp_path), 2, 0, height, width)
        for path in tmp_path.iterdir():
            with Image.open(str(path)) as picture:
                assert (picture.format, picture.mode) == ("JPEG", "RGB")
                pixels = np.asarray(picture)
            assert pixels.shape == (height, 2 * width, 3)
            # All but edges, where JPEG blurs colours.
            assert is_label(pixels[:, width:]).mean() > 0.5
            assert is_label(pixels[:, :width]).mean() < 0.05

    def test_a_seed_gives_one_set_and_another_seed_another(self, write, tmp_path):
        first = contents_of(write(3, 0, tmp_path / "first"))
        assert contents_of(write(3, 0, tmp_path / "second")) == first
        others = contents_of(write(3, 1, tmp_path / "third"))
        assert not set(others.values()) & set(first.values())
        assert len(set(first.values())) == 3

    def test_a_larger_set_begins_with_the_smaller(self, write, tmp_path):
        small = contents_of(write(2, 0, tmp_path / "small"))
        large = contents_of(write(4, 0, tmp_path / "large"))
        assert small.items() < large.items()

    def test_existing_files_are_left_alone(self, write):
        folder = write(3)
        Image.new("RGB", (2 * SIDE, SIDE)).save(str(folder / "2.jpg"))
        before = contents_of(folder)
        times = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
        write(3)
        assert contents_of(folder) == before
        assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == times

    def test_missing_files_are_added(self, write):
        folder = write(4)
        whole = contents_of(folder)
        for name in ("2.jpg", "4.jpg"):
            (folder / name).unlink()
        assert contents_of(write(4)) == whole

    def test_a_file_appears_whole_or_not_at_all(self, write, tmp_path, monkeypatch):
        save, interrupted = Image.Image.save, []

        def save_half_of_the_second(picture, path, *arguments, **options):
            save(picture, path, *arguments, **options)
            interrupted.append(path)
            if len(interrupted) == 2:
                os.truncate(path, 100)
                raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Image.Image, "save", save_half_of_the_second)
            write(3)
        assert list_pairs(str(tmp_path)).names == ("1.jpg",)
        write(3)
        assert len(list_pairs(str(tmp_path))) == 3
        check_pairs(list_pairs(str(tmp_path)), FORMAT)

    def test_a_file_of_another_size_is_named_and_left_alone(self, write):
        folder = write(1)
        before = contents_of(folder)
        with pytest.raises(DataError, match=r"/1\.jpg: exists and is 96x48 .* instead of 160x64"):
            write_pairs(str(folder), 1, 0, height=64, width=80)
        assert contents_of(folder) == before

    def test_a_size_that_is_too_small_leaves_no_file(self, tmp_path):
        with pytest.raises(ValueError, match="too small"):
            write_pairs(str(tmp_path), 1, 0, height=16, width=16)
        assert not list(tmp_path.iterdir())


class TestWriteDataSet:
    def pictures(self, folder):
        return [path.read_bytes() for path in sorted(folder.rglob("*.jpg"))]

    def test_train_and_val_are_subfolders_of_as_many_files(self, tmp_path):
        write_data_set(str(tmp_path / "new" / "set"), train=3, val=2, height=SIDE, width=SIDE)
        folder = tmp_path / "new" / "set"
        assert {path.name for path in folder.iterdir()} == {"train", "val"}
        assert sorted(contents_of(folder / "train")) == ["1.jpg", "2.jpg", "3.jpg"]
        assert sorted(contents_of(folder / "val")) == ["1.jpg", "2.jpg"]

    def test_no_two_pairs_of_any_splits_or_seeds_are_the_same(self, tmp_path):
        for seed in range(3):
            write_data_set(str(tmp_path / str(seed)), 6, 6, seed, height=SIDE, width=SIDE)
        assert len(set(self.pictures(tmp_path))) == 3 * (6 + 6)

    def test_an_interrupted_set_is_completed(self, tmp_path):
        write_data_set(str(tmp_path / "whole"), 3, 2, seed=5, height=SIDE, width=SIDE)
        write_data_set(str(tmp_path / "part"), 2, 0, seed=5, height=SIDE, width=SIDE)
        write_data_set(str(tmp_path / "part"), 3, 2, seed=5, height=SIDE, width=SIDE)
        assert self.pictures(tmp_path / "part") == self.pictures(tmp_path / "whole")

    def test_halves_need_not_be_square(self, tmp_path):
        write_data_set(str(tmp_path), 1, 1, height=32, width=64)
        for path in tmp_path.rglob("*.jpg"):
            with Image.open(str(path)) as picture:
                assert picture.size == (128, 32)

    def test_a_set_of_another_size_is_refused(self, tmp_path):
        write_data_set(str(tmp_path), 1, 1, height=SIDE, width=SIDE)
        with pytest.raises(DataError, match=r"train/1\.jpg: .* 96x48 .* 128x64; .* another"):
            write_data_set(str(tmp_path), 1, 1, height=64, width=64)
