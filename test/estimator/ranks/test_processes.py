import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from estimator.ranks.heartbeat import Heartbeat, Watch
from estimator.ranks.processes import Rank, run_together

pytestmark = pytest.mark.any_runtime

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


LAUNCHER = """
import sys
from estimator.ranks.processes import Rank, run_together
ranks = [
    Rank(number, [sys.executable, "-c", program], {}, f"{sys.argv[1]}/{number}.log", None)
    for number, program in enumerate(sys.argv[2:])
]
sys.exit(run_together(ranks, shown=0))
"""
SAVES = """
    import signal, sys, time
    def save(number, frame):
        time.sleep(3)
        print("saved", flush=True)
        sys.exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, save)
    print("begun", flush=True)
    time.sleep(60)
"""
# As a training that waits for others in the midst of a step.
DEAF = """
    import os, signal, time
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    signal.signal(signal.SIGINT, lambda number, frame: None)
    print("begun", flush=True)
    for _ in range(600):
        time.sleep(0.1)
"""


@pytest.fixture
def launcher(tmp_path):
    """Starts a launcher in a process of its own and waits until its ranks run."""
    started = []

    def start(*programs):
        root = pathlib.Path(__file__).resolve().parents[3]
        command = [sys.executable, "-c", LAUNCHER, str(tmp_path), *map(textwrap.dedent, programs)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, universal_newlines=True, cwd=str(root)
        )
        started.append(process)
        logs = [tmp_path / f"{number}.log" for number in range(len(programs))]
        deadline = time.monotonic() + 30
        while not all(log.exists() and "begun" in log.read_text() for log in logs):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_rank_that_saves_do_so_while_the_others_live(launcher, number):
    process = launcher(SAVES, DEAF)
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "saved\n" in output
    assert f"error: stopped by signal {int(number)}; the same command resumes" in output


def test_a_second_signal_does_not_wait_for_what_is_being_saved(launcher):
    process = launcher(DEAF, DEAF)
    process.send_signal(signal.SIGINT)
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - sent < 20


def test_a_rank_can_be_held_to_some_cores(ranks, tmp_path):
    program = "import os; print(sorted(os.sched_getaffinity(0)))"
    core = min(os.sched_getaffinity(0))
    assert run_together(ranks(program, cores=[core]), shown=0) == 0
    assert (tmp_path / "0.log").read_text() == f"[{core}]\n"


class TestWatch:
    """The launcher's patience, in a time that the test moves."""

    @pytest.fixture
    def watch(self, tmp_path):
        self.time = 0.0
        self.paths = {rank: str(tmp_path / f"{rank}.json") for rank in (0, 1)}
        return Watch(self.paths, 60, now=lambda: self.time)

    def beat(self, rank, beat, step, runs=None):
        state = {"beat": beat, "step": step, "runs": step if runs is None else runs}
        with open(self.paths[rank], "w", encoding="utf-8") as file:
            json.dump(state, file)

    def test_a_rank_that_falls_silent_is_named(self, watch):
        for second in range(200):
            self.time = float(second)
            self.beat(0, second, None, 0)
            self.beat(1, min(second, 100), None, 0)
            loss = watch.loss([0, 1])
            assert (loss is not None) is (second > 160), (second, loss)
            if loss:
                break
        assert loss == "rank 1 has given no sign of life for 60 seconds"

    def test_a_rank_that_never_speaks_is_named_too(self, watch):
        self.time = 61.0
        self.beat(0, 5, None, 0)
        assert watch.loss([0, 1]) == "rank 1 has given no sign of life for 60 seconds"

    def test_a_rank_that_has_ended_need_not_speak(self, watch):
        self.beat(0, 1, None, 0)
        assert watch.loss([0, 1]) is None
        self.time = 1000.0
        self.beat(0, 2, None, 0)
        assert watch.loss([0]) is None

    def test_steps_that_do_not_come_are_a_loss_though_all_live(self, watch):
        for second in range(100):
            self.time = float(second)
            self.beat(0, second, min(second, 20))
            self.beat(1, second, min(second, 19))
            loss = watch.loss([0, 1])
            if loss:
                break
        assert second == 84
        assert loss == (
            "no step was made for 60 seconds (rank 0 at step 20, rank 1 at step 19), "
            "the last one is rank 1"
        )

    def test_nobody_is_hurried_who_compiles_or_scores(self, watch):
        for second in range(500):
            self.time = float(second)
            self.beat(0, second, None, 7)
            self.beat(1, second, 7)
            assert watch.loss([0, 1]) is None

    def test_skipped_steps_are_work(self, watch):
        for second in range(500):
            self.time = float(second)
            for rank in (0, 1):
                self.beat(rank, second, 7, runs=second)
            assert watch.loss([0, 1]) is None


def test_a_process_beats_by_itself_and_says_its_step(tmp_path):
    path = tmp_path / "beat.json"
    heartbeat = Heartbeat(str(path))
    deadline = time.monotonic() + 30
    heartbeat.made(7)
    while not (path.exists() and json.loads(path.read_text())["step"] == 7):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first = json.loads(path.read_text())["beat"]
    heartbeat.rest()
    while json.loads(path.read_text())["step"] is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert json.loads(path.read_text())["beat"] > first
