import json
import os
import pathlib
import subprocess
import sys

import pytest

from input_fn import write_data_set

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ["--fine_size=64", "--ngf=4", "--ndf=4", "--save_checkpoints_steps=2"]


def train(*flags):
    command = [sys.executable, str(PROJECT / "estimator" / "train.py"), *map(str, flags)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_data_set(str(folder), train=4, val=2, seed=0)
    return folder


def test_a_run_leaves_its_results_and_resumes_and_refuses_another_network(data, tmp_path):
    run = tmp_path / "run"
    flags = [f"--data_path={data}", f"--checkpoint_dir={run}", *SMALL]
    first = train(*flags, "--max_steps=4")
    assert first.returncode == 0, first.stderr
    assert (run / "model.ckpt-4.index").exists()
    assert (run / "frozen" / "model-4.pb").exists()
    assert json.loads((run / "throughput.json").read_text())["global_batch_size"] == 1
    assert "val: step 4" in first.stdout

    second = train(*flags, "--max_steps=6")
    assert second.returncode == 0, second.stderr
    assert "resuming" in second.stdout
    assert json.loads((run / "progress.json").read_text())["first_step"] == 4

    third = train(*flags, "--max_steps=8", "--ngf=8")
    assert third.returncode == 2
    assert third.stderr.strip().splitlines()[-1].startswith("error: --ngf 8")
    assert not os.path.exists(str(run / "model.ckpt-8.index"))


@pytest.mark.parametrize(
    ("flag", "named"),
    [
        ("--fine_size=100", "--fine_size"),
        ("--learning_rate=0", "--learning_rate"),
        ("--which_direction=a2b", "--which_direction"),
        ("--data_path=/nowhere", "/nowhere"),
    ],
)
def test_bad_input_is_one_line_and_code_2_and_writes_nothing(data, tmp_path, flag, named):
    run = tmp_path / "run"
    result = train(f"--data_path={data}", f"--checkpoint_dir={run}", *SMALL, flag)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert named in result.stderr.strip().splitlines()[-1]
    assert not run.exists()
