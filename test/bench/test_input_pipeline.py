import pathlib
import re
import subprocess
import sys

import pytest

from input_fn import write_data_set

pytestmark = pytest.mark.any_runtime

BENCHMARK = pathlib.Path(__file__).with_name("input_pipeline.py")


@pytest.fixture
def run(tmp_path):
    """Runs the benchmark for a moment, from a folder that has nothing to do with the project."""

    def run(*flags):
        return subprocess.run(
            [sys.executable, str(BENCHMARK), "--seconds=0.2", "--repeats=1", *flags],
            capture_output=True,
            text=True,
            check=False,
            cwd=str(tmp_path),
        )

    return run


def value_of(row, process):
    return float(re.search(rf"^{row} +([\d.]+)", process.stdout, re.MULTILINE).group(1))


def test_pipeline_and_model_are_measured_and_compared(run, tmp_path):
    write_data_set(str(tmp_path / "data"), train=3, val=0)
    process = run(f"--data_path={tmp_path / 'data'}", "--filters=2")
    assert not process.stderr
    pairs, images = value_of("pipeline, pairs/s", process), value_of("model, images/s", process)
    ratio = value_of("ratio", process)
    assert min(pairs, images) > 0
    assert ratio == pytest.approx(pairs / images, rel=0.1)
    assert value_of("cores", process) >= 1
    # It is printed with one digit.
    expected = {0, 1} if ratio == 20.0 else {0 if ratio > 20 else 1}
    assert process.returncode in expected
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("milliseconds", "code", "verdict"), [("1e6", 0, "enough"), ("1e-6", 1, "too low")]
)
def test_a_ratio_below_20_to_a_known_model_fails(run, milliseconds, code, verdict):
    process = run(f"--model_step_ms={milliseconds}")
    assert process.returncode == code, process.stderr
    assert f"at least 20 is wanted: {verdict}\n" in process.stdout


def test_a_missing_folder_is_bad_input(run):
    process = run("--data_path=nowhere")
    assert process.returncode == 2
    assert process.stderr == "error: nowhere: does not exist; name the folder of the data set\n"
