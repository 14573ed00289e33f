import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.any_runtime

SCALING = pathlib.Path(__file__).resolve().parent / "scaling.py"
SMALL = ["--fine_size=32", "--ngf=2", "--steps=14", "--repeats=1"]


def scaling(*flags, **environment):
    """Runs the bench on two cores at most and returns the process that ended."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    return subprocess.run(
        [sys.executable, str(SCALING), *flags],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )


def rows_of(table):
    """Reads (ranks, kind, images/sec, ms per step, share) of each row, all text."""
    row = r"^\| (\d+)(?:, ([\w-]+))? \| ([\d.]+) \| ([\d.]+) \| (\d*%?) \|$"
    return re.findall(row, table, re.MULTILINE)


@pytest.fixture
def may_make_networks():
    """Skips where a link of limited rate cannot be made, and finds out by making a namespace."""
    if not shutil.which("tc") or len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs iproute2 and two cores")
    name = f"test-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to administer networks")
    subprocess.run(["ip", "netns", "del", name], check=True)


def test_one_rank_and_several_apart_and_together_are_measured_and_compared():
    exchanges = ["gradients", "factors-bfloat16"]
    process = scaling(*SMALL, f"--exchanges={','.join(exchanges)}")
    assert process.returncode == 0, process.stderr
    rows = rows_of(process.stdout)
    assert [kind for _, kind, _, _, _ in rows] == ["", "apart", *exchanges]
    assert [share for *_, share in rows[:2]] == ["", "0%"]
    for ranks, _, rate, milliseconds, _ in rows:
        # Both are rounded, to hundredths and to tenths; a step of this net takes 1 ms at least.
        assert float(rate) == pytest.approx(1000 * int(ranks) / float(milliseconds), rel=0.06)
    apart = float(rows[1][3])
    for _, _, _, together, share in rows[2:]:
        wanted = max(0.0, 1 - apart / float(together))
        assert int(share.rstrip("%")) / 100 == pytest.approx(wanted, abs=0.05)


def namespaces():
    """Lists the network namespaces that the bench makes, also those that a killed one left."""
    listed = subprocess.run(["ip", "netns"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"^scaling-\S+", listed, re.MULTILINE))


def test_a_slow_link_between_two_hosts_makes_their_steps_longer(may_make_networks):
    before = namespaces()
    process = scaling(*SMALL, "--link=0.001")
    assert process.returncode == 0, process.stderr
    assert "over 0.001 Gbit/s" in process.stdout
    (*_, apart, _), (_, kind, _, together, _) = rows_of(process.stdout)[1:]
    assert kind == "gradients"
    # Both networks have 19,700 weights or so, 79 kB, which take 630 ms at 1 Mbit/s.
    assert float(together) > float(apart) + 400
    assert namespaces() <= before


@pytest.mark.parametrize("rate", ["0", "pigeons", "inf"])
def test_a_link_without_a_rate_is_refused(rate):
    process = scaling(f"--link={rate}")
    assert process.returncode == 2
    assert f"{rate!r} is no rate in Gbit/s" in process.stderr


def test_a_link_where_networks_may_not_be_changed_is_one_line(tmp_path):
    (tmp_path / "ip").write_text("#!/bin/sh\necho 'Operation not permitted' >&2; exit 1\n")
    (tmp_path / "ip").chmod(0o755)
    process = scaling("--link=10", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert process.returncode == 2
    assert re.search("--link=10: ip netns add .*: Operation not permitted$", process.stderr.strip())


def test_an_exchange_that_there_is_none_of_is_refused_by_name():
    process = scaling("--exchanges=gradients,pigeons")
    assert process.returncode == 2
    assert "there is no exchange 'pigeons'; use gradients, " in process.stderr
