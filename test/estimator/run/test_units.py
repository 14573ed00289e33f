"""Data in units from the files of a run to its predictions, by the command lines."""

import json

import numpy as np
import pytest

from estimator import export, predict
from estimator.train import main as train

SIDE = 32
NETWORK = [f"--fine_size={SIDE}", f"--load_size={SIDE}", "--ngf=8", "--ndf=4", "--eval_steps=0"]
DATA = ["--data_layout=folders", "--input_nc=2", "--output_nc=1"]


def smooth(random, low, high):
    """A field of random slopes."""
    corners = random.uniform(low, high, (4, 4))
    places = np.linspace(0.0, 3.0, SIDE)
    rows = np.stack([np.interp(places, range(4), column) for column in corners.T], axis=1)
    return np.stack([np.interp(places, range(4), row) for row in rows])


def vegetation(red, infrared):
    """The normalised difference vegetation index, of reflectances of whatever scale."""
    return (infrared - red) / (infrared + red)


def save(folder, split, number, seed, formula=vegetation):
    random = np.random.RandomState(seed)
    for side in "AB":
        (folder / split / side).mkdir(parents=True, exist_ok=True)
    for name in range(number):
        bands = [smooth(random, 300, 3000), smooth(random, 1000, 5000)]
        a = np.stack(bands, axis=-1).astype(np.float32)
        np.save(str(folder / split / "A" / f"{name}.npy"), a)
        b = formula(*np.moveaxis(a, -1, 0)).astype(np.float32)
        np.save(str(folder / split / "B" / f"{name}.npy"), b)


def read(folder):
    """All arrays of a folder in the order of their names, as one."""
    return np.stack([np.load(str(path)) for path in sorted(folder.glob("*.npy"))])


@pytest.fixture(scope="module")
def reflectances(tmp_path_factory):
    """Red and infrared to the vegetation index: 40 pairs to learn from and 8 to test."""
    folder = tmp_path_factory.mktemp("reflectances")
    save(folder, "train", 40, seed=0)
    save(folder, "val", 8, seed=1)
    return folder


@pytest.fixture(scope="module")
def learnt(reflectances, tmp_path_factory):
    """A run that has learnt the index, and been tested."""
    run = tmp_path_factory.mktemp("learnt") / "run"
    flags = [f"--data_path={reflectances}", f"--checkpoint_dir={run}"]
    recipe = ["--gan_mode=none", "--learning_rate=2e-3", "--batch_size=4", "--max_steps=300"]
    assert train([*flags, *DATA, *NETWORK, "--value_range=auto", *recipe]) == 0
    assert train([*flags, "--phase=test", "--test_dropout=false"]) == 0
    return run


class TestLearning:
    def test_a_formula_is_learnt_to_0_05_of_its_unit(self, learnt, reflectances):
        run = learnt
        bands = np.moveaxis(read(reflectances / "val" / "A"), -1, 0)
        error = read(run / "outputs")[..., 0] - vegetation(*bands)
        assert np.sqrt(np.mean(error**2)) < 0.05

    def test_scores_are_those_of_the_files_in_units(self, learnt, reflectances):
        run = learnt
        error = read(run / "outputs")[..., 0] - read(reflectances / "val" / "B")
        low, high = json.loads((run / "options.json").read_text())["value_range"][2]
        (scores,) = json.loads((run / "metrics.json").read_text())["units"]
        rmse = np.sqrt(np.mean(error.astype(np.float64) ** 2))
        # What of val/ is beyond the range of train/ is cut off in the scored target.
        assert scores["l1"] == pytest.approx(np.abs(error).mean(), rel=0.02)
        assert scores["rmse"] == pytest.approx(rmse, rel=0.02)
        assert scores["psnr"] == pytest.approx(20 * np.log10((high - low) / rmse), abs=0.2)


class TestRange:
    def test_it_is_that_of_the_training_pairs(self, learnt, reflectances):
        stored = json.loads((learnt / "options.json").read_text())["value_range"]
        bands = np.moveaxis(read(reflectances / "train" / "A"), -1, 0)
        expected = [*bands, read(reflectances / "train" / "B")]
        assert stored == [[float(band.min()), float(band.max())] for band in expected]

    def test_known_numbers_come_out_as_they_went_in(self, learnt, reflectances):
        for folder, side in (("inputs", "A"), ("targets", "B")):
            written = read(learnt / "outputs" / folder)
            files = read(reflectances / "val" / side).reshape(written.shape)
            train = read(reflectances / "train" / side).reshape(-1, written.shape[-1])
            expected = files.clip(train.min(axis=0), train.max(axis=0))
            assert written.dtype == np.float32
            np.testing.assert_allclose(written, expected, rtol=1e-5, atol=1e-6)

    def test_a_run_that_goes_on_keeps_its_range(self, tmp_path):
        save(tmp_path / "data", "train", 4, seed=0)
        flags = [f"--data_path={tmp_path / 'data'}", f"--checkpoint_dir={tmp_path / 'run'}"]
        flags += [*DATA, *NETWORK, "--value_range=auto:2,98"]
        ranges = []
        for steps in (1, 2):
            assert train([*flags, f"--max_steps={steps}", "--gan_mode=none"]) == 0
            stored = json.loads((tmp_path / "run" / "options.json").read_text())
            ranges.append(stored["value_range"])
            save(tmp_path / "data", "train", 8, seed=2)
        assert ranges[0] == ranges[1]


class TestPredictions:
    @pytest.fixture(scope="class")
    def exported(self, learnt, tmp_path_factory):
        folder = tmp_path_factory.mktemp("exported")
        flags = ["--formats=pb,saved_model", f"--output={folder}"]
        assert export.main([f"--checkpoint_dir={learnt}", *flags]) == 0
        return folder

    @pytest.mark.parametrize("model", ["checkpoint_dir", "graph", "saved_model"])
    def test_they_are_in_units_whatever_the_model_is(
        self, learnt, exported, reflectances, tmp_path, model
    ):
        source = {
            "checkpoint_dir": learnt,
            "graph": exported / "model-300.pb",
            "saved_model": exported / "saved_model",
        }[model]
        flags = ["--test_dropout=false"] if model == "checkpoint_dir" else []
        inputs = f"--input={reflectances / 'val' / 'A'}"
        assert predict.main([inputs, f"--output={tmp_path}", f"--{model}={source}", *flags]) == 0
        found, expected = read(tmp_path), read(learnt / "outputs")
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-4)

    def test_notes_have_the_range(self, learnt, exported):
        stored = json.loads((learnt / "options.json").read_text())["value_range"]
        notes = [exported / "model-300.json", exported / "saved_model" / "300" / "model.json"]
        notes += (learnt / "frozen").glob("*.json")
        assert len(notes) > 2
        for note in notes:
            assert json.loads(note.read_text())["pair_format"]["value_range"] == stored


def test_orders_of_magnitude_are_learnt_by_their_logarithm(tmp_path):
    data, run = tmp_path / "data", tmp_path / "run"
    for split in ("train", "val"):
        save(data, split, 4, seed=3, formula=lambda red, infrared: 10.0 ** (red / 300 - 5))
    flags = [f"--data_path={data}", f"--checkpoint_dir={run}"]
    scaling = ["--value_range=auto", "--log_bands=target"]
    assert train([*flags, *DATA, *NETWORK, *scaling, "--gan_mode=none", "--max_steps=2"]) == 0
    assert train([*flags, "--phase=test"]) == 0
    targets, files = read(run / "outputs" / "targets")[..., 0], read(data / "val" / "B")
    assert files.max() / files.min() > 1e6
    np.testing.assert_allclose(targets, files, rtol=1e-5)
    outputs = tmp_path / "out"
    (graph,) = (run / "frozen").glob("*-2.pb")
    inputs = f"--input={data / 'val' / 'A'}"
    assert predict.main([inputs, f"--output={outputs}", f"--graph={graph}"]) == 0
    # A network that has learnt nothing is in the middle of the way, which is 10 ** 0 and not 1e5.
    assert 1e-3 < np.median(read(outputs)) < 1e3


class TestRefusals:
    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--value_range=0,1/0,1/0,1/0,1"], ["--value_range has 4 ranges", "2 + 1"]),
            (["--value_range=auto:99,1"], ["--value_range", "auto:1,99"]),
            (["--log_bands=target"], ["--log_bands", "--value_range"]),
            (["--value_range=0,9", "--log_bands=target"], ["--value_range 0,9", "above 0"]),
            (["--value_range=1,9", "--log_bands=target:2"], ["--log_bands target:2", "target:1"]),
            (["--value_range=1,9", "--log_bands=red"], ["--log_bands", "input:2,target:1"]),
        ],
    )
    def test_flags_that_cannot_work(self, refuses, reflectances, tmp_path, flags, named):
        places = [f"--data_path={reflectances}", f"--checkpoint_dir={tmp_path / 'run'}"]
        refuses(train([*places, *DATA, *NETWORK, *flags]), *named)
        assert not (tmp_path / "run").exists()

    def test_a_band_of_one_value_has_no_range(self, refuses, tmp_path):
        save(tmp_path / "data", "train", 2, seed=0, formula=lambda red, _: 0 * red + 4)
        places = [f"--data_path={tmp_path / 'data'}", f"--checkpoint_dir={tmp_path / 'run'}"]
        code = train([*places, *DATA, *NETWORK, "--value_range=auto"])
        refuses(code, "target:1", "the value 4", "--value_range")
        assert not (tmp_path / "run").exists()
