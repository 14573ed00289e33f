import pathlib
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.any_runtime

PARTS = pathlib.Path(__file__).resolve().parent / "parts.py"


def test_each_part_is_counted_and_timed_against_the_defaults():
    flags = ["--fine_size=32", "--filters=4", "--steps=2"]
    parts = "--gan_mode=none,--netD=pixel,--gan_mode=wgangp --norm=instance,--netG=resnet_6"
    process = subprocess.run(
        [sys.executable, str(PARTS), *flags, f"--parts={parts}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    row = r"^\| (.*?) \| ([\d,]+), ([\d,]+) \| (\d+) \| (\d+) \| ([\d.]+) \|$"
    rows = re.findall(row, process.stdout, re.MULTILINE)
    assert [cells[0] for cells in rows] == [
        "the defaults",
        *(f"`{part}`" for part in parts.split(",")),
    ]
    numbers = [[int(cell.replace(",", "")) for cell in cells[1:3]] for cells in rows]
    generator, _ = numbers[0]
    assert numbers[1] == [generator, 0]
    # 1x1: 6 to 4, 4 to 8 with a norm, 8 to 1; each with its biases.
    assert numbers[2] == [generator, 6 * 4 + 4 + 4 * 8 + 8 + 2 * 8 + 8 + 1]
    assert all(float(cells[5]) > 0 for cells in rows)
