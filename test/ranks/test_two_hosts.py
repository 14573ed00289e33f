"""Several ranks on one machine without NPUs, through the 8p scripts in a copy of the project."""

import json
import os
import pathlib
import re
import shutil
import signal
import time
from collections import namedtuple

import pytest


def steps_of_checkpoints(folder):
    """Lists them, the newest first."""
    found = (re.search(r"-(\d+)\.index$", path.name) for path in folder.glob("*.index"))
    return sorted((int(each.group(1)) for each in found), reverse=True)


def processes_of(project):
    """Finds the trainings that run: number of the process to its environment."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(project / "estimator" / "train.py").encode() in command:
            found[int(entry.name)] = environment
    return found


Finished = namedtuple("Finished", ["project", "said"])
Finished.__doc__ = """A run of four steps: the copy of the project, and what its script said."""


class TestTwoHosts:
    @pytest.fixture(scope="class")
    def finished(self, copy_project, tmp_path_factory, start_in, finish):
        """Not to be written to."""
        project = copy_project(tmp_path_factory.mktemp("finished") / "pix2pix")
        flags = ["--max_steps=4", "--print_freq=2"]
        said = finish(start_in(project, "train_full_8p.sh", *flags, RANK_SIZE="2"))
        return Finished(project, said)

    def test_all_ranks_train_and_rank_0_alone_leaves_results(self, finished):
        output = finished.project / "test" / "output"
        assert "rank 0 of 2 reads 3 files" in (output / "0" / "train_0.log").read_text()
        assert "rank 1 of 2 reads 2 files" in (output / "1" / "train_1.log").read_text()
        assert (output / "0" / "ckpt" / "model.ckpt-4.index").exists()
        assert not list((output / "0" / "ckpt").glob("tmp_*"))
        assert (output / "0" / "frozen" / "model-4.pb").exists()
        assert sorted(path.name for path in (output / "1").iterdir()) == [".lock", "train_1.log"]
        report = json.loads((output / "0" / "ckpt" / "throughput.json").read_text())
        assert report["global_batch_size"] == 2
        (log,) = (output / "0").glob("*_bs1_2p_acc.log")
        assert "RankSize = 2\n" in log.read_text()
        assert re.search(
            r"Final Performance images/sec : [\d.]+\n"
            r"Final Train Accuracy : [\d.]+\n",
            finished.said,
        )

    def test_the_accuracy_is_a_number_and_the_scores_have_a_line_of_their_own(self, finished):
        folder = finished.project / "test" / "output" / "0"
        scores = json.loads((folder / "ckpt" / "metrics.json").read_text())
        (log,) = folder.glob("*_bs1_2p_acc.log")
        values = dict(line.split(" = ") for line in log.read_text().splitlines())
        assert float(values["TrainAccuracy"]) == pytest.approx(scores["psnr"], abs=1e-4)
        assert f"scores: PSNR {scores['psnr']:.2f} dB" in finished.said
        assert f"L1 {scores['l1']:.4f} (0..1)" in finished.said

    def test_val_is_scored_at_the_end_alone_unless_a_number_of_pairs_is_given(
        self, finished, start_in, finish, tmp_path
    ):
        assert re.findall(r"^val: step (\d+),", finished.said, re.MULTILINE) == ["4"]
        project = tmp_path / "pix2pix"
        shutil.copytree(str(finished.project), str(project))
        flags = ["--eval_steps=1", "--save_checkpoints_steps=2", "--max_steps=8"]
        goes_on = finish(start_in(project, "train_performance_8p.sh", *flags, RANK_SIZE="2"))
        assert re.findall(r"^val: step (\d+),", goes_on, re.MULTILINE) == ["6", "8"]


class TestFailure:
    def test_a_killed_rank_ends_the_job_and_the_same_command_resumes(self, start, finish, project):
        flags = ["--save_checkpoints_steps=20", "--eval_steps=0"]
        process = start("train_performance_8p.sh", *flags, "--max_steps=2000", RANK_SIZE="2")
        checkpoint = project / "test" / "output" / "0" / "ckpt" / "model.ckpt-20.index"
        deadline = time.monotonic() + 200
        while not checkpoint.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(self.process_of_rank(1, project), signal.SIGKILL)
        killed = time.monotonic()
        output = finish(process, code=128 + signal.SIGKILL)
        assert time.monotonic() - killed < 60
        assert "error: rank 1 was killed by signal 9; the others were stopped" in output
        assert "Final result" not in output

        (newest, *_) = steps_of_checkpoints(project / "test" / "output" / "0" / "ckpt")
        end = f"--max_steps={newest + 2}"
        output = finish(start("train_performance_8p.sh", *flags, end, RANK_SIZE="2"))
        assert f"at step {newest}\n" in output
        assert steps_of_checkpoints(project / "test" / "output" / "0" / "ckpt")[0] == newest + 2

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_to_the_script_saves_the_present_step_and_the_same_command_resumes(
        self, start, finish, project, number
    ):
        script = ["train_performance_8p.sh", "--eval_steps=0", "--print_freq=5"]
        log = project / "test" / "output" / "0" / "train_0.log"
        process = start(*script, "--max_steps=100000", RANK_SIZE="2")
        deadline = time.monotonic() + 200
        while not (log.exists() and "step: 10/" in log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(number)
        sent = time.monotonic()
        output = finish(process, code=128 + number)
        assert time.monotonic() - sent < 60
        (step, *_) = steps_of_checkpoints(project / "test" / "output" / "0" / "ckpt")
        assert step >= 10
        assert f"error: interrupted at step {step}, which is saved" in output
        assert f"error: stopped by signal {int(number)}; the same command resumes" in output
        assert "Final result" not in output
        assert not processes_of(project)

        output = finish(start(*script, f"--max_steps={step + 2}", RANK_SIZE="2"))
        assert f"at step {step}\n" in output
        assert steps_of_checkpoints(project / "test" / "output" / "0" / "ckpt")[0] == step + 2

    def test_a_rank_that_hangs_without_dying_ends_the_job_and_is_named(
        self, start, finish, project
    ):
        script = ["train_performance_8p.sh", "--eval_steps=0", "--print_freq=5"]
        script += ["--save_checkpoints_steps=10", "--max_steps=100000", "--rank_timeout=20"]
        log = project / "test" / "output" / "0" / "train_0.log"
        process = start(*script, RANK_SIZE="2")
        deadline = time.monotonic() + 200
        while not (log.exists() and "step: 20/" in log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(self.process_of_rank(1, project), signal.SIGSTOP)
        stopped = time.monotonic()
        output = finish(process, code=1)
        assert time.monotonic() - stopped < 80
        assert (
            "error: rank 1 has given no sign of life for 20 seconds; all were stopped, and the "
            "same command resumes\n"
        ) in output
        assert not processes_of(project)

    def process_of_rank(self, rank, project):
        (process,) = (
            process
            for process, environment in processes_of(project).items()
            if f"RANK_ID={rank}\0".encode() in environment
        )
        return process

    def test_bad_input_ends_all_ranks_with_its_code(self, start, finish):
        output = finish(start("train_full_8p.sh", "--fine_size=100", RANK_SIZE="2"), code=2)
        assert "--fine_size" in output
        assert "Final result" not in output

    def test_a_second_job_in_the_same_folders_is_refused(self, start, finish, project):
        first = start("train_performance_8p.sh", "--max_steps=2000", RANK_SIZE="1")
        lock = project / "test" / "output" / "0" / "train_0.log"
        deadline = time.monotonic() + 100
        while not lock.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        output = finish(start("train_performance_8p.sh", RANK_SIZE="1"), code=2)
        assert "another job is working there" in output
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=60)
