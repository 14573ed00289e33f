"""The shell scripts, each run in a copy of the project so that nothing is written into this one."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[1]
FACADES = PROJECT.parent / "shared" / "data" / "facades"
SMALL = ["--fine_size=64", "--ngf=4", "--ndf=4"]

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
            r"Final Train Accuracy : \n"
            r"E2E Training Duration sec : \d+\n$",
            finished.stdout,
        )

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
        assert (project / "test" / "output" / "0" / "train_0.log").exists()


class TestBadInput:
    def test_help_lists_the_flags(self, run_script):
        process = run_script("train_performance_1p.sh", "--help")
        assert process.returncode == 0
        assert "--data_path=DIR" in process.stdout

    def test_a_flag_in_another_form_is_refused(self, run_script):
        process = run_script("train_performance_1p.sh", "data")
        assert process.returncode == 2
        assert process.stderr == "error: data: flags are written --flag=value; see --help\n"

    def test_a_failed_training_fails_the_script_with_its_code(self, run_script):
        process = run_script("train_performance_1p.sh", "--data_path=/nowhere")
        assert process.returncode == 2
        assert "/nowhere" in process.stdout
        assert "Final result" not in process.stdout

    def test_a_python_that_is_none_is_named(self, run_script):
        process = run_script("train_performance_1p.sh", PYTHON="no-such-python")
        assert process.returncode == 2
        assert "PYTHON=no-such-python" in process.stderr
