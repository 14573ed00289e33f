"""Pixels that do not count, by the command lines: training, scores, predictions, exports."""

import json

import numpy as np
import pytest
from PIL import Image

from estimator import export, predict
from estimator.train import main as train

SIDE = 32
NETWORK = [f"--fine_size={SIDE}", "--ngf=4", "--ndf=4", "--device=cpu"]
DATA = ["--data_layout=folders", "--input_nc=2", "--output_nc=1", "--value_range=0,10/-5,5"]
COUNTS = np.arange(SIDE) < SIDE // 2  # The left half.


def save(folder, hidden, splits=("train", "val"), mask=True):
    """Writes pairs of two bands and one; what does not count is what `hidden` makes."""
    for split in splits:
        for side in ("A", "B", "weights"):
            (folder / split / side).mkdir(parents=True, exist_ok=True)
        random = np.random.RandomState(len(split))
        for name in range(2):
            a = random.uniform(0, 10, (SIDE, SIDE, 2))
            b = random.uniform(-5, 5, (SIDE, SIDE, 1))
            for side, values in (("A", a), ("B", b)):
                values[:, ~COUNTS] = hidden(values[:, ~COUNTS])
                np.save(str(folder / split / side / f"{name}.npy"), values.astype(np.float32))
            if mask:
                weights = np.broadcast_to(np.uint8(255) * COUNTS, (SIDE, SIDE))
                path = folder / split / "weights" / f"{name}.png"
                Image.fromarray(weights.astype(np.uint8)).save(str(path))
    return folder


def flags_of(folder, data="data"):
    return [f"--data_path={folder / data}", f"--checkpoint_dir={folder / 'run'}"]


def read(folder):
    return np.stack([np.load(str(path)) for path in sorted(folder.glob("*.npy"))])


def test_what_does_not_count_has_no_influence_on_any_weight(weights_of, tmp_path):
    trained = []
    for name, hidden in (("zeros", np.zeros_like), ("noise", lambda values: values[::-1] * 0.5)):
        save(tmp_path / name / "data", hidden)
        flags = [
            *flags_of(tmp_path / name),
            *DATA,
            *NETWORK,
            "--weights=pictures",
            "--eval_steps=0",
        ]
        assert train([*flags, "--max_steps=2"]) == 0
        trained.append(weights_of(tmp_path / name / "run" / "model.ckpt-2"))
    assert any(name.startswith("discriminator/") for name in trained[0])
    for name, values in trained[0].items():
        np.testing.assert_array_equal(values, trained[1][name], err_msg=name)


@pytest.fixture(scope="module")
def holes(tmp_path_factory):
    """A run on data whose right halves are not a number, and been tested."""
    folder = tmp_path_factory.mktemp("holes")
    save(folder / "data", lambda values: np.full_like(values, np.nan), mask=False)
    assert train([*flags_of(folder), *DATA, *NETWORK, "--nodata=nan", "--max_steps=2"]) == 0
    assert train([*flags_of(folder), "--phase=test", "--test_dropout=false"]) == 0
    return folder


class TestNoData:
    def test_scores_are_those_of_the_pixels_that_count(self, holes):
        outputs = read(holes / "run" / "outputs")[:, :, COUNTS]
        targets = read(holes / "data" / "val" / "B")[:, :, COUNTS]
        error = (outputs - targets).astype(np.float64)
        metrics = json.loads((holes / "run" / "metrics.json").read_text())
        # Values go from -5 to 5.
        assert metrics["l1"] == pytest.approx(np.abs(error).mean() / 10, rel=1e-4)
        of_pictures = [20 * np.log10(10 / np.sqrt(np.mean(each**2))) for each in error]
        assert metrics["psnr"] == pytest.approx(np.mean(of_pictures), rel=1e-4)
        assert metrics["units"][0]["l1"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
        assert metrics["units"][0]["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-4)

    def test_predictions_fill_it_as_training_did(self, holes, tmp_path):
        (graph,) = (holes / "run" / "frozen").glob("*-2.pb")
        inputs = f"--input={holes / 'data' / 'val' / 'A'}"
        assert predict.main([inputs, f"--output={tmp_path}", f"--graph={graph}"]) == 0
        np.testing.assert_allclose(read(tmp_path), read(holes / "run" / "outputs"), atol=1e-4)

    def test_notes_have_it(self, holes):
        (note,) = (holes / "run" / "frozen").glob("*-2.json")
        content = json.loads(note.read_text(), parse_constant=pytest.fail)
        assert content["pair_format"]["nodata"] == ["nan"]


def test_a_network_of_masked_pictures_can_be_exported(tmp_path, capsys):
    (tmp_path / "data" / "train").mkdir(parents=True)
    pixels = np.random.RandomState(0).randint(0, 256, (SIDE, 2 * SIDE, 4)).astype(np.uint8)
    pixels[:, ::2, 3] = 0
    Image.fromarray(pixels).save(str(tmp_path / "data" / "train" / "1.png"))
    assert train([*flags_of(tmp_path), *NETWORK, "--alpha=mask", "--max_steps=1"]) == 0
    capsys.readouterr()
    flags = [f"--checkpoint_dir={tmp_path / 'run'}", "--formats=saved_model"]
    assert export.main(flags) == 0
    # Pictures in whose holes there is noise, against the pipeline of testing.
    assert "saved_model, bytes: differs from the checkpoint by 0 of" in capsys.readouterr().out


class TestRefusals:
    @pytest.mark.parametrize(
        ("hidden", "flags", "named"),
        [
            (np.nan, [], ["train/A/", "not a number", "--nodata nan"]),
            (np.nan, ["--nodata=-9999"], ["train/A/", "not a number", "--nodata nan"]),
            (np.inf, ["--nodata=nan"], ["train/A/", "infinite"]),
            (1.0, ["--nodata=high"], ["--nodata", "-9999,nan"]),
            (1.0, ["--weights=pictures"], ["train/weights: holds no picture"]),
            (1.0, ["--weights=channel"], ["train/B/", "holds 1 channel(s) where 2"]),
        ],
    )
    def test_one_line_before_the_first_step(self, tmp_path, capsys, hidden, flags, named):
        save(tmp_path / "data", lambda values: np.full_like(values, hidden), ["train"], mask=False)
        assert train([*flags_of(tmp_path), *DATA, *NETWORK, *flags]) == 2
        line, *others = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert all(name in line for name in named), line
        # Both pairs are alike, and each has a line.
        assert len(others) <= 1
        assert not (tmp_path / "run").exists()

    def test_pairs_of_which_no_pixel_counts_are_named(self, refuses, tmp_path):
        save(tmp_path / "data", np.zeros_like)
        path = str(tmp_path / "data" / "val" / "weights" / "1.png")
        Image.fromarray(np.zeros([SIDE, SIDE], np.uint8)).save(path)
        code = train([*flags_of(tmp_path), *DATA, *NETWORK, "--weights=pictures"])
        refuses(code, "val/A/1.npy", "no pixel of the pair counts", "--weights")
        assert not (tmp_path / "run").exists()
