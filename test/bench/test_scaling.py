import pathlib
import re
import subprocess
import sys

SCALING = pathlib.Path(__file__).resolve().parent / "scaling.py"


def test_one_rank_and_several_are_measured_and_compared():
    flags = ["--fine_size=64", "--ngf=2", "--steps=14", "--repeats=1"]
    process = subprocess.run(
        [sys.executable, str(SCALING), *flags], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) \| (\d+) \|", process.stdout, re.MULTILINE)
    assert rows[0][0] == "1"
    assert all(float(rate) > 0 for _, rate, _ in rows)
