"""--step of the test phase, predict.py and export.py, on a run whose best is not its last."""

import json
import re
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator import export, predict, train


@pytest.fixture(scope="module")
def run(kept, tmp_path_factory):
    """A copy, to write results into."""
    folder = tmp_path_factory.mktemp("chosen") / "run"
    shutil.copytree(str(kept.folder), str(folder))
    return folder


@pytest.fixture(scope="module")
def photo(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "1.png"
    with Image.open(str(data / "val" / "1.jpg")) as pair:
        pair.crop((0, 0, 256, 256)).resize((64, 64), Image.BILINEAR).save(str(path))
    return path


def logged(process, step):
    (line,) = re.findall(rf"^val: step {step}, (.*)$", process.stdout, re.MULTILINE)
    return {name: float(value) for name, value in re.findall(r"(\w+): ([-\d.]+)", line)}


def graph_of(folder):
    (path,) = folder.glob("*.pb")
    return path


def pixels(path):
    with Image.open(str(path)) as picture:
        return np.asarray(picture).astype(int)


class TestTestPhase:
    @pytest.mark.parametrize(
        ("flag", "step"),
        [("--step=best", "best"), ("--step={best}", "best"), ("--step=8", 8), (None, "last")],
    )
    def test_the_scores_are_those_that_training_logged_for_the_step(
        self, run, kept, data, capsys, flag, step
    ):
        step = getattr(kept, str(step), step)
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test"]
        flags += [] if flag is None else [flag.format(best=kept.best)]
        assert train.main(flags) == 0
        report = json.loads((run / "metrics.json").read_text())
        assert report["step"] == step
        for name, value in logged(kept.process, step).items():
            assert report[name] == pytest.approx(value, abs=2e-4), name
        assert f"val: 2 images, step {step}, " in capsys.readouterr().out
        assert f"step {step}, " in (run / "index.html").read_text()


class TestExport:
    @pytest.fixture(scope="class")
    def exported(self, run, tmp_path_factory):
        folder = tmp_path_factory.mktemp("exported")
        flags = [f"--checkpoint_dir={run}", f"--output={folder}", "--step=best"]
        assert export.main([*flags, "--formats=pb,saved_model"]) == 0
        return folder

    def test_names_and_notes_have_the_step(self, exported, kept):
        assert sorted(path.name for path in exported.iterdir()) == [
            f"model-{kept.best}.json",
            f"model-{kept.best}.pb",
            "saved_model",
        ]
        assert [path.name for path in (exported / "saved_model").iterdir()] == [str(kept.best)]
        for note in (f"model-{kept.best}.json", f"saved_model/{kept.best}/model.json"):
            assert json.loads((exported / note).read_text())["step"] == kept.best

    def test_the_weights_are_those_of_the_copy(self, exported, run, kept):
        graph_def = tf.GraphDef.FromString(graph_of(exported).read_bytes())
        held = [
            tf.make_ndarray(node.attr["value"].tensor)
            for node in graph_def.node
            if node.op == "Const"
        ]
        reader = tf.train.load_checkpoint(str(run / "best" / f"model.ckpt-{kept.best}"))
        names = [name for name in reader.get_variable_to_shape_map() if name.endswith("/kernel")]
        names = [name for name in names if name.startswith("generator/")]
        assert names
        for name in names:
            value = reader.get_tensor(name)
            assert any(each.shape == value.shape and (each == value).all() for each in held), name

    def test_predictions_of_the_best_are_those_of_its_export(self, exported, run, photo, tmp_path):
        flags = [f"--input={photo}"]
        model = [f"--checkpoint_dir={run}", "--test_dropout=false"]
        assert predict.main([*flags, f"--output={tmp_path / 'a.png'}", *model, "--step=best"]) == 0
        assert predict.main([*flags, f"--output={tmp_path / 'b.png'}", *model]) == 0
        graph = f"--graph={graph_of(exported)}"
        assert predict.main([*flags, f"--output={tmp_path / 'c.png'}", graph]) == 0
        best, last, expected = (pixels(tmp_path / f"{name}.png") for name in "abc")
        assert np.abs(best - expected).max() <= 1
        assert np.abs(last - expected).max() > 1

    def test_the_folder_of_the_best_is_of_use_by_itself(self, exported, run, photo, tmp_path):
        shutil.copytree(str(run / "best"), str(tmp_path / "alone"))
        model = [f"--checkpoint_dir={tmp_path / 'alone'}", "--test_dropout=false"]
        assert predict.main([f"--input={photo}", f"--output={tmp_path / 'a.png'}", *model]) == 0
        graph = f"--graph={graph_of(exported)}"
        assert predict.main([f"--input={photo}", f"--output={tmp_path / 'b.png'}", graph]) == 0
        assert np.abs(pixels(tmp_path / "a.png") - pixels(tmp_path / "b.png")).max() <= 1


class TestBadInput:
    def refused(self, code, capsys, line):
        assert code == 2
        assert capsys.readouterr().err == f"error: {line}\n"

    def test_a_step_that_is_not_there_is_answered_with_those_that_are(
        self, kept, data, photo, tmp_path, capsys
    ):
        line = (
            f"--step 1: the run in {kept.folder} has no such checkpoint; the steps that there are: "
            f"7, 8, 9, 10, 11, as best {kept.best}"
        )
        place, step = f"--checkpoint_dir={kept.folder}", "--step=1"
        for main, flags in (
            (train.main, [f"--data_path={data}", "--phase=test"]),
            (predict.main, [f"--input={photo}", f"--output={tmp_path / 'a.png'}"]),
            (export.main, [f"--output={tmp_path / 'exported'}"]),
        ):
            self.refused(main([place, step, *flags]), capsys, line)
        assert not list(tmp_path.iterdir())
        assert not (kept.folder / "metrics.json").exists()

    def test_a_run_that_kept_no_best_says_how_to(self, finished, tmp_path, capsys):
        flags = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}", "--step=best"]
        code = export.main(flags)
        line = (
            f"--step best: the run in {finished[0]} has no such checkpoint (train.py --keep_best "
            "keeps one); the steps that there are: 3, 6"
        )
        self.refused(code, capsys, line)

    def test_training_goes_on_from_the_latest_alone(self, data, tmp_path, capsys):
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", "--step=best"]
        line = (
            "--step best: chooses a checkpoint for --phase=test; training goes on from the latest, "
            "leave it out"
        )
        self.refused(train.main(flags), capsys, line)

    @pytest.mark.parametrize("text", ["newest", "-1", "1.5", ""])
    def test_what_is_no_step_is_told_what_would_be(self, capsys, text):
        assert export.main(["--checkpoint_dir=run", f"--step={text}"]) == 2
        assert "write latest, best, or the number of a checkpoint's step" in capsys.readouterr().err
