"""quality.py from the command line to its reports: cut off once, and gone on with."""

import collections
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from input_fn import write_data_set

BENCH = pathlib.Path(__file__).resolve().parent
RECIPES, SEEDS = ("paper", "plain"), ("0", "1")
PAIRS, SIDE, STEPS = 4, 64, 20
PATIENCE = 120

_SPEC = importlib.util.spec_from_file_location("quality_command", str(BENCH / "quality.py"))
command = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(command)

Finished = collections.namedtuple("Finished", ["folder", "flags", "code", "first", "text", "marks"])
Finished.__doc__ = """What came of two starts: the folder, the flags, the first one's exit code and
its output, the second one's; and when the files of the run that was complete had been written."""


def when_written(folder):
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def interrupted(flags, trained, log):
    """Starts the bench and interrupts it while the run in the folder `trained` makes steps."""
    with open(log, "w") as output:
        process = subprocess.Popen(
            [sys.executable, str(BENCH / "quality.py"), *flags],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + PATIENCE
        log_of_training = trained / "log.txt"
        while not (log_of_training.exists() and "g_l1" in log_of_training.read_text()):
            assert process.poll() is None, pathlib.Path(log).read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        return process.wait(PATIENCE)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    tmp = tmp_path_factory.mktemp("quality")
    write_data_set(str(tmp / "data"), train=4, val=PAIRS, seed=0, height=SIDE, width=SIDE)
    flags = [f"--data_path={tmp / 'data'}", f"--output={tmp / 'table'}", "--label_palette=facades"]
    flags += ["--recipes=paper", "--recipe=plain=--gan_mode=none", "--seeds=2"]
    flags += [f"--steps={STEPS}", f"--at={STEPS}", f"--fine_size={SIDE}", "--filters=4"]
    flags += ["--flags=--device=cpu --summary_freq=5"]
    runs = tmp / "table" / "runs"
    code = interrupted(flags, runs / "plain" / "seed-0", tmp / "first.txt")
    marks = when_written(runs / "paper" / "seed-0")
    process = subprocess.run(
        [sys.executable, str(BENCH / "quality.py"), *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    first = (tmp / "first.txt").read_text()
    return Finished(tmp / "table", flags, code, first, process.stdout, marks)


@pytest.fixture(scope="module")
def results(finished):
    return json.loads((finished.folder / "results.json").read_text())


class TestGoingOn:
    def test_an_interruption_waits_for_the_training_to_be_saved(self, finished):
        assert finished.code == 130
        last = finished.first.splitlines()[-1]
        assert last == "error: interrupted; the same command goes on where it was stopped"
        log = (finished.folder / "runs" / "plain" / "seed-0" / "log.txt").read_text()
        assert "error: interrupted at step" in log
        assert f"plain, seed 0: training to step {STEPS}" in finished.text

    def test_a_run_that_is_done_is_not_run_again(self, finished):
        assert "paper, seed 0: training" in finished.first
        assert "paper, seed 0: " not in finished.text
        assert when_written(finished.folder / "runs" / "paper" / "seed-0") == finished.marks

    def test_when_all_is_done_the_same_command_only_reports(self, finished, capsys):
        before = when_written(finished.folder / "runs")
        assert command.main(finished.flags) == 0
        page = (finished.folder / "results.md").read_text()
        assert capsys.readouterr().out == f"{page}{finished.folder}\n"
        assert when_written(finished.folder / "runs") == before

    def test_another_training_in_its_place_is_refused(self, finished, capsys):
        assert command.main([*finished.flags, "--filters=8"]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "holds a run with other flags" in error
        assert "choose another --output" in error


class TestReports:
    def test_every_run_has_every_score(self, results):
        scores = results["scores"][str(STEPS)]
        assert {name: sorted(seeds) for name, seeds in scores.items()} == {
            recipe: list(SEEDS) for recipe in RECIPES
        }
        for seeds in scores.values():
            for each in seeds.values():
                for name in ("l1", "psnr", "ssim", "kid", "kid_error", "class_iou", "grid_2"):
                    assert np.isfinite(each[name])

    def test_they_agree_with_the_test_phase_but_for_rounding_to_levels(self, finished, results):
        for recipe in RECIPES:
            folder = finished.folder / "runs" / recipe / "seed-1" / f"at-{STEPS}"
            expected = json.loads((folder / "metrics.json").read_text())
            found = results["scores"][str(STEPS)][recipe]["1"]
            assert expected["images"] == PAIRS
            for name in ("l1", "psnr", "ssim"):
                assert found[name] == pytest.approx(expected[name], rel=0.01)

    def test_differences_are_those_seed_by_seed(self, results):
        scores = results["scores"][str(STEPS)]
        for name in ("l1", "kid", "pixel_accuracy", "grid_4"):
            apart = [scores["plain"][seed][name] - scores["paper"][seed][name] for seed in SEEDS]
            found = results["differences"][str(STEPS)]["plain"][name]
            assert found["mean"] == pytest.approx(np.mean(apart))
            assert found["error"] == pytest.approx(abs(apart[0] - apart[1]) / 2)

    def test_the_same_table_is_printed_and_written(self, finished, results):
        text = (finished.folder / "results.md").read_text()
        assert text in finished.text
        l1 = results["means"][str(STEPS)]["plain"]["l1"]
        assert f"| plain | 2 | {results['recipes'][1]['minutes']['mean']:.1f} |" in text
        assert f"| {l1['mean']:.4f} ± {l1['error']:.4f} |" in text

    def test_curves_have_the_losses_and_the_scores(self, finished, results):
        curves = json.loads((finished.folder / "curves.json").read_text())
        assert [point[0] for point in curves["losses"]["generator/l1"]["plain"]] == [5, 10, 15, 20]
        assert set(curves["losses"]["generator/gan"]) == {"paper"}
        ((step, mean, error),) = curves["scores"]["l1"]["paper"]
        assert [step, mean, error] == [
            STEPS,
            *(results["means"][str(STEPS)]["paper"]["l1"][each] for each in ("mean", "error")),
        ]
        with Image.open(finished.folder / "curves.png") as picture:
            assert len(set(picture.getdata())) > 3

    def test_rows_are_the_pictures(self, finished):
        sheet = np.asarray(Image.open(finished.folder / "rows.png"))
        assert sheet.shape[1] == 4 * SIDE + 3 * 4
        output = finished.folder / "runs" / "plain" / "seed-0" / f"at-{STEPS}" / "outputs" / "1.png"
        head = sheet.shape[0] - PAIRS * (SIDE + 4) + 4
        np.testing.assert_array_equal(
            sheet[head : head + SIDE, -SIDE:], np.asarray(Image.open(output))
        )

    def test_checkpoints_are_gone(self, finished):
        left = [path.name for path in finished.folder.rglob("*") if "ckpt" in path.name]
        assert left == []
        assert not list(finished.folder.rglob("*.pb"))


def test_it_says_what_it_needs(tmp_path):
    # As on a machine without scikit-image.
    (tmp_path / "skimage").mkdir()
    (tmp_path / "skimage" / "__init__.py").write_text("raise ImportError('no skimage')")
    process = subprocess.run(
        [sys.executable, str(BENCH / "quality.py"), f"--data_path={tmp_path}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert process.returncode == 2
    assert process.stderr.startswith("error: no skimage; pip install '.[test]' ")
    assert process.stderr.count("\n") == 1
