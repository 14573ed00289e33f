import pathlib
import re
import subprocess
import sys

import pytest

SCALING = pathlib.Path(__file__).resolve().parent / "scaling.py"


def test_one_rank_and_several_apart_and_together_are_measured_and_compared():
    exchanges = ["gradients", "factors-bfloat16"]
    flags = ["--fine_size=32", "--ngf=2", "--steps=14", "--repeats=1"]
    flags.append(f"--exchanges={','.join(exchanges)}")
    process = subprocess.run(
        [sys.executable, str(SCALING), *flags], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    row = r"^\| (\d+)(?:, ([\w-]+))? \| ([\d.]+) \| ([\d.]+) \| (\d*%?) \|$"
    rows = re.findall(row, process.stdout, re.MULTILINE)
    assert [kind for _, kind, _, _, _ in rows] == ["", "apart", *exchanges]
    assert [share for *_, share in rows[:2]] == ["", "0%"]
    for ranks, _, rate, milliseconds, _ in rows:
        # Both are rounded, to hundredths and to tenths; a step of this net takes 1 ms at least.
        assert float(rate) == pytest.approx(1000 * int(ranks) / float(milliseconds), rel=0.06)
    apart = float(rows[1][3])
    for _, _, _, together, share in rows[2:]:
        wanted = max(0.0, 1 - apart / float(together))
        assert int(share.rstrip("%")) / 100 == pytest.approx(wanted, abs=0.05)


def test_an_exchange_that_there_is_none_of_is_refused_by_name():
    process = subprocess.run(
        [sys.executable, str(SCALING), "--exchanges=gradients,pigeons"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "there is no exchange 'pigeons'; use gradients, " in process.stderr
