"""The campaign in short: its first harm of each kind, once. docs/reliability.md has the whole."""

import pathlib
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.any_runtime

CAMPAIGN = pathlib.Path(__file__).with_name("campaign.py")


def can_mount(folder):
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mount.returncode == 0:
        subprocess.run(["umount", str(folder)], check=True)
    return mount.returncode == 0


@pytest.mark.parametrize("part", ["kills", "damage", "disks", "ranks", "changes", "long_run"])
def test_nothing_is_lost(part, tmp_path):
    if part == "disks" and not can_mount(tmp_path):
        pytest.skip("no disk can be mounted here")
    process = subprocess.run(
        [sys.executable, str(CAMPAIGN), part, "--short"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    (row,) = re.findall(r"^\| .* \| (\d+) \| (\d+) \| (\d+) \|$", process.stdout, re.MULTILINE)
    tried, survived, lost = map(int, row)
    assert tried > 0
    assert (survived, lost) == (tried, 0)
