import pathlib
import re
import subprocess
import sys

import pytest

from input_fn import write_data_set

pytestmark = pytest.mark.any_runtime

BENCH = pathlib.Path(__file__).resolve().parent
TRAIN = BENCH.parents[1] / "estimator" / "train.py"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving")
    write_data_set(str(folder / "data"), train=2, val=0, seed=0)
    flags = ["--fine_size=64", "--ngf=4", "--ndf=4", "--max_steps=1", "--eval_steps=0"]
    places = [f"--data_path={folder / 'data'}", f"--checkpoint_dir={folder / 'run'}"]
    subprocess.run(
        [sys.executable, str(TRAIN), *flags, *places], check=True, stdout=subprocess.DEVNULL
    )
    return folder / "run"


def test_under_load_no_answer_is_lost_or_wrong_and_bad_requests_are_refused(run):
    flags = ["--requests=60", "--at_a_time=12", "--bad=60", "--timeout_s=2", "--max_body_mb=1"]
    process = subprocess.run(
        [sys.executable, str(BENCH / "serving.py"), f"--checkpoint_dir={run}", *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "lost: 0, wrong: 0, bad requests with another code: 0" in process.stdout
    times = [int(each) for each in re.findall(r"\| (\d+) \|$", process.stdout, re.MULTILINE)]
    assert len(times) == 5
    p50, p99 = times[-2:]
    assert p50 <= p99
    memory = re.search(r"bad requests: (\d+), (\d+), (\d+)$", process.stdout, re.MULTILINE)
    first, _, last = (int(each) for each in memory.groups())
    assert last < 1.5 * first
