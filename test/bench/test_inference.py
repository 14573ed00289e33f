import pathlib
import re
import subprocess
import sys

import pytest

from input_fn import write_data_set

pytestmark = pytest.mark.any_runtime

BENCH = pathlib.Path(__file__).resolve().parent
TRAIN = BENCH.parents[1] / "estimator" / "train.py"


def test_an_export_and_what_predict_makes_of_it_are_measured(tmp_path):
    write_data_set(str(tmp_path / "data"), train=2, val=0, seed=0)
    flags = ["--fine_size=64", "--ngf=4", "--ndf=4", "--max_steps=1", "--eval_steps=0"]
    flags += [f"--data_path={tmp_path / 'data'}", f"--checkpoint_dir={tmp_path / 'run'}"]
    subprocess.run([sys.executable, str(TRAIN), *flags], check=True, stdout=subprocess.DEVNULL)
    flags = [f"--checkpoint_dir={tmp_path / 'run'}", "--batches=2", "--repeats=2", "--pictures=6"]
    flags.append("--formats=pb")
    process = subprocess.run(
        [sys.executable, str(BENCH / "inference.py"), *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    rows = [line.strip("| ").split(" | ") for line in process.stdout.splitlines()]
    names = [row[0] for row in rows if row[1:2] == ["2"]]
    assert names == ["frozen graph", "predict.py"]
    (line,) = re.findall(r"^\| predict.*", process.stdout, re.MULTILINE)
    *_, in_cpu_time = re.findall(r"[\d.]+", line)
    # Of a network this small, files are the larger part.
    assert float(in_cpu_time) > 1
