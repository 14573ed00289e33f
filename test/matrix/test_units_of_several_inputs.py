"""Ranges found in the data and holes in them, of TIFF files that are joined to one input."""

import json

import numpy as np
import pytest
import tifffile

from estimator import predict, train

SIDE = 32
FLAGS = [
    "--data_layout=folders",
    "--inputs=radar:2,photo:1",
    "--target=height",
    "--output_nc=1",
    f"--fine_size={SIDE}",
    f"--load_size={SIDE}",
    "--ngf=4",
    "--ndf=4",
    "--device=cpu",
    "--value_range=auto",
    "--log_bands=input:1",
    "--nodata=-9999",
]


def write(folder, seed):
    """Two pairs; of each input and target other pixels have no data."""
    random = np.random.RandomState(seed)
    for name in ("radar", "photo", "height"):
        (folder / name).mkdir(parents=True)
    for number in range(2):
        radar = random.uniform([0.001, -30.0], [1000.0, 5.0], (SIDE, SIDE, 2)).astype(np.float32)
        photo = random.randint(0, 4096, (SIDE, SIDE)).astype(np.int16)
        height = random.uniform(200.0, 3000.0, (SIDE, SIDE)).astype(np.float32)
        radar[:4], photo[4:8], height[8:12] = -9999, -9999, -9999
        for name, values in (("radar", radar), ("photo", photo), ("height", height)):
            tifffile.imwrite(
                str(folder / name / f"{number}.tif"),
                values,
                photometric="minisblack",
                planarconfig="contig" if values.ndim == 3 else None,
            )


def read(folder):
    files = sorted(folder.glob("*.tif"))
    return np.stack([tifffile.imread(str(path)) for path in files])


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A run, tested, and predictions of its frozen graph."""
    folder = tmp_path_factory.mktemp("used")
    for seed, split in enumerate(("train", "val")):
        write(folder / "data" / split, seed)
    places = [f"--data_path={folder / 'data'}", f"--checkpoint_dir={folder / 'run'}"]
    assert train.main([*places, *FLAGS, "--max_steps=2"]) == 0
    assert train.main([*places, "--phase=test", "--test_dropout=false"]) == 0
    (graph,) = (folder / "run" / "frozen").glob("*-2.pb")
    inputs = [f"--input={name}={folder / 'data' / 'val' / name}" for name in ("radar", "photo")]
    assert predict.main([*inputs, f"--output={folder / 'out'}", f"--graph={graph}"]) == 0
    return folder


def test_the_range_of_each_band_is_that_of_what_counts(used):
    train_split = used / "data" / "train"
    radar, photo = read(train_split / "radar"), read(train_split / "photo")
    height = read(train_split / "height")
    # A pixel that has no data in one input has none in the input, and does not count in the target.
    of_input = (radar[..., 0] != -9999) & (photo != -9999)
    counts = of_input & (height != -9999)
    expected = [radar[of_input][:, 0], radar[of_input][:, 1], photo[of_input], height[counts]]
    stored = json.loads((used / "run" / "options.json").read_text())["value_range"]
    np.testing.assert_allclose(stored, [[each.min(), each.max()] for each in expected], rtol=1e-6)


def test_targets_come_out_as_they_went_in(used):
    targets = read(used / "run" / "outputs" / "targets")
    files = read(used / "data" / "val" / "height")
    low, high = json.loads((used / "run" / "options.json").read_text())["value_range"][3]
    # The first twelve lines have holes in one of the files.
    np.testing.assert_allclose(targets[:, 12:], files[:, 12:].clip(low, high), rtol=1e-5)


def test_predictions_are_tiff_files_in_units(used):
    found = read(used / "out")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, read(used / "run" / "outputs"), rtol=1e-4)
    assert 200 < found.mean() < 3000


def test_scores_are_those_of_what_counts(used):
    error = read(used / "run" / "outputs")[:, 12:] - read(used / "data" / "val" / "height")[:, 12:]
    (scores,) = json.loads((used / "run" / "metrics.json").read_text())["units"]
    # But for the few heights beyond those of train/.
    assert scores["l1"] == pytest.approx(np.abs(error).mean(), rel=0.01)
