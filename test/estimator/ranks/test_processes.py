import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from estimator.ranks.processes import Rank, run_together

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def ranks(tmp_path):
    """Makes ranks that run the given programs."""

    def made(*programs, cores=None):
        return [
            Rank(
                number,
                [sys.executable, "-c", textwrap.dedent(program)],
                {"RANK_ID": str(number)},
                str(tmp_path / f"{number}.log"),
                cores,
            )
            for number, program in enumerate(programs)
        ]

    return made


def test_all_ranks_that_end_well_end_well_together(ranks, tmp_path, capfd):
    program = "import os; print('rank', os.environ['RANK_ID'])"
    assert run_together(ranks(program, program), shown=1) == 0
    assert (tmp_path / "0.log").read_text() == "rank 0\n"
    assert capfd.readouterr().out == "rank 1\n"


def test_the_first_rank_to_fail_gives_its_code_and_the_last_lines_of_its_log(ranks, tmp_path):
    program = "print('what went wrong'); raise SystemExit(3)"
    said = []
    start = time.monotonic()
    assert run_together(ranks(SLEEP, program), shown=0, write=said.append) == 3
    assert time.monotonic() - start < 30
    assert "what went wrong" in said[0]
    assert str(tmp_path / "1.log") in said[0]
    assert said[-1] == "error: rank 1 ended with exit code 3; the others were stopped"


def test_a_rank_that_is_killed_is_told_from_one_that_fails(ranks):
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    said = []
    assert run_together(ranks(SLEEP, program), shown=0, write=said.append) == 128 + signal.SIGKILL
    assert said[-1].startswith("error: rank 1 was killed by signal 9")


def test_what_the_other_ranks_have_started_is_stopped_too(ranks, tmp_path):
    parent = f"""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
        open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
        time.sleep(60)
    """
    failing = f"""
        import os, time
        while not os.path.exists({str(tmp_path / "child")!r}):
            time.sleep(0.1)
        time.sleep(0.5)
        raise SystemExit(1)
    """
    assert run_together(ranks(parent, failing), shown=0, write=lambda line: None) == 1
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{child}") and "Z" not in state_of(child):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def state_of(process):
    status = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return status.stdout or "Z"


def test_a_rank_can_be_held_to_some_cores(ranks, tmp_path):
    program = "import os; print(sorted(os.sched_getaffinity(0)))"
    core = min(os.sched_getaffinity(0))
    assert run_together(ranks(program, cores=[core]), shown=0) == 0
    assert (tmp_path / "0.log").read_text() == f"[{core}]\n"
