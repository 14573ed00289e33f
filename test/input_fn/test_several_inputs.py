"""Several inputs to one target: which files belong together, and how they are joined."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from input_fn import (
    DataError,
    Folders,
    PairFormat,
    check_pairs,
    evaluation_dataset,
    list_pairs,
    training_dataset,
    with_neighbours,
)
from input_fn.prepare import main

SIDE = 8
FOLDERS = Folders(("t1", "t2"), "flair")


def form(channels=(1, 1), output=1, neighbours=0, group=None, load=SIDE, fine=SIDE):
    return PairFormat(
        "AtoB",
        sum(channels) * (1 + 2 * neighbours),
        output,
        (load, load),
        (fine, fine),
        layout="folders",
        inputs=("t1", "t2"),
        channels_of_inputs=channels,
        target="flair",
        neighbours=neighbours,
        group=group,
    )


def write(folder, name, levels):
    """Writes t1/NAME, t2/NAME and flair/NAME, each of one level or of a picture."""
    for side, level in zip(FOLDERS.names, levels):
        (folder / side).mkdir(parents=True, exist_ok=True)
        pixels = np.broadcast_to(np.asarray(level, np.uint8), (SIDE, SIDE)).copy()
        path = folder / side / name
        if path.suffix == ".tif":
            tifffile.imwrite(str(path), pixels, photometric="minisblack")
        else:
            Image.fromarray(pixels).save(str(path))


def levels_of(tensor):
    """The level of each channel of a batch of one picture of one level to a channel."""
    return [round(float(level)) for level in (tensor[0].mean(axis=(0, 1)) + 1) * 127.5]


@pytest.fixture
def levels(take):
    """Returns for each pair of a folder the levels of the input's channels and the target's."""

    def levels(folder, pair_format):
        pairs = list_pairs(str(folder), layout="folders", folders=pair_format.folders)
        found = take(lambda: evaluation_dataset(pairs, pair_format))
        return [(levels_of(features["input"]), levels_of(y)) for features, y in found]

    return levels


class TestJoining:
    def test_their_channels_follow_each_other_in_the_order_of_the_names(self, tmp_path, levels):
        write(tmp_path, "1.tif", (10, 20, 30))
        write(tmp_path, "2.png", (40, 50, 60))
        assert levels(tmp_path, form()) == [([10, 20], [30]), ([40, 50], [60])]

    def test_each_has_channels_of_its_own(self, tmp_path, levels):
        write(tmp_path, "1.png", (10, 20, 30))
        assert levels(tmp_path, form((3, 1), 3)) == [([10, 10, 10, 20], [30, 30, 30])]

    def test_one_jitter_is_for_all(self, tmp_path, noise, take):
        picture = noise(SIDE, SIDE)
        write(tmp_path, "1.tif", (picture, 255 - picture, picture))
        pair_format = form(load=12, fine=8)
        pairs = list_pairs(str(tmp_path), layout="folders", folders=FOLDERS)
        batches = take(lambda: training_dataset(pairs, pair_format, 1, seed=0), 8)
        inputs = [features["input"][0] for features, _ in batches]
        for x, (_, y) in zip(inputs, batches):
            np.testing.assert_allclose(x[..., 0], -x[..., 1], atol=1e-5)
            np.testing.assert_allclose(x[..., 0], y[0, ..., 0], atol=1e-5)
        assert len({x.tobytes() for x in inputs}) > 4


class TestNeighbours:
    @pytest.mark.parametrize(
        ("names", "number", "expected"),
        [
            (["1.png", "2.png", "3.png"], 0, [(0,), (1,), (2,)]),
            (["1.png", "2.png", "3.png"], 1, [(0, 0, 1), (1, 0, 2), (2, 1, 2)]),
            (["1.png", "2.png", "3.png"], 2, [(0, 0, 1, 0, 2), (1, 0, 2, 0, 2), (2, 1, 2, 0, 2)]),
            # By the number, not by the letters; gaps are passed over.
            (["a10.png", "a2.png", "a5.png"], 1, [(0, 2, 0), (1, 1, 2), (2, 1, 0)]),
            # Each of its own series.
            (["a_1.png", "b_2.png", "a_2.png"], 1, [(0, 0, 2), (1, 1, 1), (2, 0, 2)]),
            (["7.png"], 1, [(0, 0, 0)]),
        ],
    )
    def test_they_are_the_slices_before_and_after(self, names, number, expected):
        assert with_neighbours(names, number) == expected

    def test_a_group_says_what_is_one_series(self):
        names = ["p1_te30_s1.tif", "p1_te90_s2.tif", "p2_te30_s2.tif"]
        assert with_neighbours(names, 1) == [(0, 0, 0), (1, 1, 1), (2, 2, 2)]
        expected = [(0, 0, 1), (1, 0, 1), (2, 2, 2)]
        assert with_neighbours(names, 1, "^p[0-9]+") == expected
        assert with_neighbours(names, 1, "^(p[0-9]+)_") == expected

    @pytest.mark.parametrize(
        ("names", "group", "reason"),
        [
            (["a.png"], None, "a.png: has no number in its name"),
            (["1.png"], "^p", r"1.png: has nothing in its name that `group` \^p finds"),
            (["1.png", "01.png"], None, "01.png: has the number 1, as 1.png has.*`group`"),
        ],
    )
    def test_what_has_no_place_in_a_series_is_named(self, names, group, reason):
        with pytest.raises(DataError, match=reason):
            with_neighbours(names, 1, group)

    def test_they_are_further_channels_of_each_input(self, tmp_path, levels):
        for number in (1, 2, 3):
            write(tmp_path, f"{number}.tif", (number, 10 * number, 100 + number))
        assert levels(tmp_path, form(neighbours=1)) == [
            ([1, 1, 2, 10, 10, 20], [101]),
            ([2, 1, 3, 20, 10, 30], [102]),
            ([3, 2, 3, 30, 20, 30], [103]),
        ]


class TestSources:
    """From packed files and from a cache comes what comes from the files."""

    @pytest.fixture
    def data(self, tmp_path, noise):
        for number in range(1, 6):
            pictures = [noise(SIDE, SIDE, seed=10 * number + side) for side in range(3)]
            write(tmp_path / "data" / "train", f"p_{number}.tif", pictures)
        return tmp_path / "data"

    def batches(self, take, folder, build):
        folders = form(neighbours=1).folders
        pairs = list_pairs(str(folder / "train"), layout="folders", folders=folders)
        return take(lambda: build(pairs), 10)

    def test_packed(self, data, tmp_path, take):
        names = ["--inputs=t1,t2", "--target=flair", "--neighbours=1", "--data_layout=folders"]
        assert main(["pack", str(data), str(tmp_path / "packed"), *names, "--shards=2"]) == 0

        def build(pairs):
            return evaluation_dataset(pairs, form(neighbours=1))

        found, expected = (
            self.batches(take, tmp_path / each, build) for each in ("packed", "data")
        )
        for (features, y), (expected_features, expected_y) in zip(found, expected):
            np.testing.assert_array_equal(features["input"], expected_features["input"])
            np.testing.assert_array_equal(y, expected_y)
        for other in (FOLDERS, Folders(("t2", "t1"), "flair", 1)):
            with pytest.raises(DataError, match="was packed as t1,t2 to flair with 1 neighbour"):
                list_pairs(str(tmp_path / "packed" / "train"), layout="folders", folders=other)

    @pytest.mark.parametrize("place", ["memory", "folder"])
    def test_cached(self, data, tmp_path, take, place):
        def stream(cache):
            return self.batches(
                take,
                data,
                lambda pairs: training_dataset(
                    pairs, form(neighbours=1, load=9), 1, seed=0, cache=cache
                ),
            )

        cached = stream("memory" if place == "memory" else str(tmp_path / "cache"))
        for (features, y), (expected_features, expected_y) in zip(cached, stream("off")):
            np.testing.assert_array_equal(features["input"], expected_features["input"])
            np.testing.assert_array_equal(y, expected_y)


class TestBadInput:
    @pytest.mark.parametrize("missing", FOLDERS.names)
    def test_a_missing_partner_is_named(self, tmp_path, missing):
        for name in ("1.tif", "2.tif"):
            write(tmp_path, name, (1, 2, 3))
        (tmp_path / missing / "2.tif").unlink()
        present = "t2" if missing == "t1" else "t1"
        with pytest.raises(DataError, match=f"{present}/2.tif: has no partner .*/{missing};"):
            list_pairs(str(tmp_path), layout="folders", folders=FOLDERS)

    def test_so_is_a_missing_folder(self, tmp_path):
        write(tmp_path, "1.tif", (1, 2, 3))
        with pytest.raises(DataError, match="/adc: does not exist; .* from t1, adc and flair"):
            list_pairs(str(tmp_path), layout="folders", folders=Folders(("t1", "adc"), "flair"))

    def test_and_a_file_of_another_size_or_of_other_bands(self, tmp_path):
        write(tmp_path, "1.tif", (1, 2, 3))
        pairs = list_pairs(str(tmp_path), layout="folders", folders=FOLDERS)
        with pytest.raises(DataError, match="t2/1.tif: holds 1 channel.* 2 are asked for"):
            check_pairs(pairs, form((1, 2)))
        tifffile.imwrite(str(tmp_path / "t2" / "1.tif"), np.zeros((4, 6), np.uint8))
        with pytest.raises(DataError, match="t1/1.tif: is 8x8 .*/t2/1.tif is 6x4; all that"):
            check_pairs(pairs, form())


def test_split_keeps_the_files_of_all_folders_and_of_a_group_together(tmp_path):
    for patient in range(4):
        for number in range(3):
            write(tmp_path / "in", f"p{patient}_{number}.tif", (1, 2, 3))
    flags = ["--inputs=t1,t2", "--target=flair", "--group=^p[0-9]+", "--train=0.5", "--val=0.5"]
    assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), *flags, "--test=0"]) == 0
    found = {}
    for split in ("train", "val"):
        pairs = list_pairs(str(tmp_path / "out" / split), layout="folders", folders=FOLDERS)
        found[split] = {name.split("_")[0] for name in pairs.names}
        assert len(pairs) == 6
    assert not found["train"] & found["val"]


def test_check_names_the_folders(tmp_path, capsys):
    for number in range(2):
        write(tmp_path / "train", f"{number}.png", (number, 2, 3))
    flags = ["--data_layout=folders", "--inputs=t1,t2", "--target=flair"]
    assert main(["check", str(tmp_path), *flags]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n  {name}: " in printed for name in FOLDERS.names)
