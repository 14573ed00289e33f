"""The shell scripts, each run in a copy of the project so that nothing is written into this one."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from input_fn import write_data_set

pytestmark = pytest.mark.any_runtime

PROJECT = pathlib.Path(__file__).resolve().parents[1]
FACADES = PROJECT.parent / "shared" / "data" / "facades"
SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4"]

needs_facades = pytest.mark.skipif(not FACADES.is_dir(), reason=f"{FACADES} is not there")


@pytest.fixture(scope="module")
def project(copy_project, tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("copy") / "pix2pix")


@pytest.fixture(scope="module")
def run_script(project, tmp_path_factory):
    """Runs a script, by its path, from a folder that has nothing to do with the project."""

    def run(name, *flags, **environment):
        return subprocess.run(
            ["bash", str(project / "test" / name), *flags],
            capture_output=True,
            text=True,
            check=False,
            cwd=str(tmp_path_factory.mktemp("elsewhere")),
            env={**os.environ, "PYTHON": sys.executable, **environment},
        )

    return run


@pytest.fixture(scope="module")
def facades(tmp_path_factory):
    """A few of the real pairs."""
    folder = tmp_path_factory.mktemp("facades")
    for split, count in (("train", 6), ("val", 2)):
        (folder / split).mkdir()
        for path in sorted((FACADES / split).glob("*.jpg"))[:count]:
            shutil.copy(str(path), str(folder / split))
    return folder


@needs_facades
class TestPerformanceOnRealPairs:
    @pytest.fixture(scope="class")
    def finished(self, run_script, facades):
        flags = [f"--data_path={facades}", "--which_direction=BtoA", "--max_steps=8", *SMALL]
        process = run_script("train_performance_1p.sh", *flags, ASCEND_DEVICE_ID="3")
        assert process.returncode == 0, process.stdout + process.stderr
        return process

    @pytest.fixture(scope="class")
    def output(self, project):
        return project / "test" / "output" / "3"

    def test_the_console_ends_with_modelzoos_lines(self, finished):
        assert re.search(
            r"-+ Final result -+\n"
            r"Final Performance images/sec : [\d.]+\n"
            r"Final Train Accuracy : \d+\.\d{4}\n"
            r"E2E Training Duration sec : \d+\n$",
            finished.stdout,
        )

    def test_some_pictures_are_there_to_be_looked_at(self, finished, output):
        assert f"pictures to look at: {output / 'ckpt' / 'index.html'}\n" in finished.stdout
        assert (output / "ckpt" / "index.html").exists()
        # The facades of the data set.
        assert len(list((output / "ckpt" / "outputs").glob("*.png"))) == 2

    def test_what_the_rate_leaves_out_is_said(self, finished, output):
        report = json.loads((output / "ckpt" / "throughput.json").read_text())
        assert report["steps"] + report["left_out_steps"] == report["last_step"]
        assert (
            f"images/sec are of {report['steps']} steps; left out: {report['left_out_steps']} "
            f"steps at the start ({report['left_out_seconds']:.1f} s, compilation included), "
        ) in finished.stdout

    def test_the_result_log_has_modelzoos_keys_in_order(self, finished, output):
        (log,) = output.glob("*_bs1_1p_perf.log")
        lines = [line.split(" = ") for line in log.read_text().splitlines()]
        assert [key for key, _ in lines] == [
            "Network",
            "RankSize",
            "BatchSize",
            "DeviceType",
            "CaseName",
            "ActualFPS",
            "TrainingTime",
            "ActualLoss",
            "ActualLoss1",
            "E2ETrainingTime",
        ]
        values = dict(lines)
        assert values["Network"] == "Pix2Pix_ID0359_for_TensorFlow"
        assert values["CaseName"] == log.name[: -len(".log")]
        # Milliseconds for a step of one image.
        assert float(values["TrainingTime"]) == pytest.approx(
            1000 / float(values["ActualFPS"]), rel=0.05
        )

    def test_losses_and_rate_are_those_that_training_reported(self, finished, output):
        (log,) = output.glob("*_perf.log")
        values = dict(line.split(" = ") for line in log.read_text().splitlines())
        losses = json.loads((output / "ckpt" / "progress.json").read_text())["losses"]
        rate = json.loads((output / "ckpt" / "throughput.json").read_text())["images_per_sec"]
        assert float(values["ActualLoss"]) == pytest.approx(losses["d_loss"], abs=1e-7)
        assert float(values["ActualLoss1"]) == pytest.approx(losses["g_loss"], abs=1e-7)
        assert float(values["ActualFPS"]) == pytest.approx(rate, abs=0.01)

    def test_the_folder_of_the_device_holds_all_results(self, finished, output):
        assert "Epoch: [ 1]" in (output / "train_3.log").read_text()
        assert (output / "ckpt" / "model.ckpt-8.index").exists()
        assert (output / "frozen" / "model-8.pb").exists()
        assert (output / "frozen" / "model-8.json").exists()
        assert list((output / "ckpt").glob("events.*"))

    def test_a_second_start_keeps_the_first_runs_results(self, finished, run_script, facades):
        flags = [f"--data_path={facades}", "--which_direction=BtoA", "--max_steps=2", *SMALL]
        process = run_script("train_performance_1p.sh", *flags, ASCEND_DEVICE_ID="3")
        assert process.returncode == 0, process.stdout + process.stderr
        assert re.search(r"is now in \S+/ckpt\.1", process.stdout)


class TestPerformanceWithoutArguments:
    def test_synthetic_facades_are_made_and_trained_on(self, run_script, project):
        process = run_script("train_performance_1p.sh", "--max_steps=2", "--train_size=4", *SMALL)
        assert process.returncode == 0, process.stdout + process.stderr
        assert "synthetic facades" in process.stdout
        folder = project / "test" / "output" / "0"
        assert (folder / "train_0.log").exists()
        # Of ten.
        assert len(list((folder / "ckpt" / "outputs").glob("*.png"))) == 5
        # Two steps have no rate but one with the start.
        assert "images/sec are of 2 step(s), compilation included" in process.stdout
        assert re.search(r"^Final Performance images/sec : \d", process.stdout, re.MULTILINE)

    def test_data_without_val_has_no_pictures_and_says_so(self, run_script, project, tmp_path):
        write_data_set(str(tmp_path), train=2, val=1, seed=0)
        shutil.rmtree(str(tmp_path / "val"))
        flags = [f"--data_path={tmp_path}", "--max_steps=2", *SMALL]
        process = run_script("train_performance_1p.sh", *flags, ASCEND_DEVICE_ID="5")
        assert process.returncode == 0, process.stdout + process.stderr
        assert f"no pictures and no scores: {tmp_path} has neither val/ nor test/" in process.stdout
        assert "Final Train Accuracy : --\n" in process.stdout


class TestBadInput:
    def test_help_lists_the_flags_in_whatever_shell(self, project):
        command = ["sh", str(project / "test" / "train_full_8p.sh"), "--help"]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stderr
        assert "--data_path=DIR" in process.stdout

    def test_a_flag_and_its_value_may_be_two_words(self, run_script):
        flags = ["--data_path", "/no where", "--no_flip", "--which_direction", "BtoA"]
        process = run_script("train_performance_1p.sh", *flags)
        assert process.returncode == 2
        assert "/no where" in process.stdout
        assert "does not exist" in process.stdout

    def test_help_lists_the_flags(self, run_script):
        process = run_script("train_performance_1p.sh", "--help")
        assert process.returncode == 0
        assert "--data_path=DIR" in process.stdout

    @pytest.mark.parametrize(
        "arguments", [["data"], ["--epoch=1", "data"], ["--epoch", "1", "data"]], ids=" ".join
    )
    def test_a_word_that_belongs_to_no_flag_is_refused(self, run_script, arguments):
        process = run_script("train_performance_1p.sh", *arguments)
        assert process.returncode == 2
        assert process.stderr == "error: data: belongs to no flag; see --help\n"

    def test_a_flag_with_one_dash_is_refused(self, run_script):
        process = run_script("train_performance_1p.sh", "-epoch", "1")
        assert process.returncode == 2
        assert process.stderr.startswith("error: 1: belongs to no flag")

    def test_a_failed_training_fails_the_script_with_its_code(self, run_script):
        process = run_script("train_performance_1p.sh", "--data_path=/nowhere")
        assert process.returncode == 2
        assert "/nowhere" in process.stdout
        assert "Final result" not in process.stdout

    def test_a_python_that_is_none_is_named(self, run_script):
        process = run_script("train_performance_1p.sh", PYTHON="no-such-python")
        assert process.returncode == 2
        assert "PYTHON=no-such-python" in process.stderr


# Stands in for a Python without TensorFlow: makes environments of itself, notes what pip is asked.
BARE_PYTHON = """#!/usr/bin/env bash
case "$1 $2" in
"-c import importlib"*) exit 1 ;;
"-c "*) echo 3.11 ;;
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") shift 2 && echo "$*" >>"$PIP_CALLS" ;;
esac
"""


class TestEnvironment:
    @pytest.fixture
    def set_up(self, copy_project, tmp_path):
        """Sets an environment up; returns what pip was asked for, a line for each call."""
        project = copy_project(tmp_path / "pix2pix")
        python = tmp_path / "bare_python"
        python.write_text(BARE_PYTHON)
        python.chmod(0o755)
        calls = tmp_path / "calls"

        def run(**environment):
            calls.write_text("")
            subprocess.run(
                ["bash", "-c", f". {project / 'test' / 'env.sh'}"],
                check=True,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHON": str(python), "PIP_CALLS": str(calls), **environment},
            )
            return calls.read_text().splitlines()

        return run

    def test_what_running_needs_is_installed_once_and_the_tests_tools_when_they_are_asked_for(
        self, set_up
    ):
        _, project = set_up()
        assert project.startswith("install")
        assert project.endswith("/pix2pix")
        assert set_up() == []
        (tools,) = set_up(WITH_TEST_TOOLS="true")
        assert tools.endswith("/pix2pix[test]")
        assert set_up(WITH_TEST_TOOLS="true") == []
        assert set_up() == []
