import pathlib
import re
import subprocess
import sys

import pytest

SCALING = pathlib.Path(__file__).resolve().parent / "scaling.py"


def test_one_rank_and_several_apart_and_together_are_measured_and_compared():
    flags = ["--fine_size=32", "--ngf=2", "--steps=14", "--repeats=1"]
    process = subprocess.run(
        [sys.executable, str(SCALING), *flags], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    row = r"^\| (\d+)(.*?) \| ([\d.]+) \| ([\d.]+) \| (\d*%?) \|$"
    rows = re.findall(row, process.stdout, re.MULTILINE)
    assert [(kind, share) for _, kind, _, _, share in rows[:2]] == [("", ""), (", apart", "0%")]
    for ranks, _, rate, milliseconds, _ in rows:
        # Both are rounded, to hundredths and to tenths; a step of this net takes 1 ms at least.
        assert float(rate) == pytest.approx(1000 * int(ranks) / float(milliseconds), rel=0.06)
    apart, together = float(rows[1][3]), float(rows[2][3])
    share = max(0.0, 1 - apart / together)
    assert int(rows[2][4].rstrip("%")) / 100 == pytest.approx(share, abs=0.05)
