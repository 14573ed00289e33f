"""Ctrl-C and SIGTERM, in all of a training's phases, and two trainings in one folder."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
import tensorflow.compat.v1 as tf

from input_fn import write_data_set

SECONDS = 120


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A data set whose val/ takes long to score."""
    folder = tmp_path_factory.mktemp("many")
    write_data_set(str(folder), train=5, val=2, seed=0)
    for number in range(3, 2000):
        os.link(str(folder / "val" / "1.jpg"), str(folder / "val" / f"{number}.jpg"))
    return folder


@pytest.fixture
def start(train_command, tmp_path):
    """Starts train.py in the folder `run`, in a process group of its own."""
    processes = []

    def started(*flags):
        command = [*train_command, f"--checkpoint_dir={tmp_path / 'run'}", *map(str, flags)]
        processes.append(
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                universal_newlines=True,
                start_new_session=True,
            )
        )
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def wait_for(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_line(process, pattern):
    """Reads what a program prints until a line is found; returns it."""
    for line in process.stdout:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"ended without {pattern}: {process.communicate()[1]}")


def saved_step(folder):
    return int(tf.train.latest_checkpoint(str(folder)).rsplit("-", 1)[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_the_present_step_and_the_same_command_goes_on(
    start, data, tmp_path, number
):
    flags = [f"--data_path={data}", "--max_steps=100000", "--print_freq=5", "--eval_steps=1"]
    process = start(*flags)
    wait_for_line(process, "step: 5/")
    process.send_signal(number)
    output, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number, error
    step = saved_step(tmp_path / "run")
    assert step >= 5
    notice, line = error.splitlines()
    assert notice.startswith("interrupted: ending after this step, with a checkpoint")
    assert line == (
        f"error: interrupted at step {step}, which is saved; "
        "the same command resumes from the last checkpoint"
    )
    # Nobody who has pressed Ctrl-C waits for scores.
    assert "val:" not in output
    assert json.loads((tmp_path / "run" / "throughput.json").read_text())["last_step"] == step
    assert not list((tmp_path / "run").rglob("*partial*"))

    process = start(*flags[:1], f"--max_steps={step + 1}", "--eval_steps=0")
    output, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, error
    assert f"at step {step}\n" in output
    assert saved_step(tmp_path / "run") == step + 1


def test_a_second_signal_ends_at_once_whatever_is_being_done(start, data):
    # Steps so long that the first signal is not answered before the second comes.
    process = start(f"--data_path={data}", "--fine_size=512", "--ngf=64", "--ndf=64")
    wait_for_line(process, "rank 0 of 1 reads")
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert time.monotonic() - sent < 5
    assert error.splitlines()[-1].startswith("error: ")


def test_scores_are_broken_off_at_once_since_their_step_is_saved(start, many, tmp_path):
    process = start(f"--data_path={many}", "--max_steps=100", "--save_checkpoints_steps=2")
    wait_for(lambda: (tmp_path / "run" / "model.ckpt-2.index").exists())
    time.sleep(2)
    process.send_signal(signal.SIGTERM)
    sent = time.monotonic()
    output, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 143, error
    assert time.monotonic() - sent < 10
    assert "val:" not in output
    assert saved_step(tmp_path / "run") == 2
    # Where the scores have not begun yet, a line before it says that the step comes to its end.
    last = error.splitlines()[-1]
    assert last == "error: interrupted; the same command resumes from the last checkpoint"


def test_a_second_training_in_the_folder_is_refused_and_the_first_goes_on(start, data, tmp_path):
    flags = [f"--data_path={data}", "--max_steps=100000", "--print_freq=5", "--eval_steps=0"]
    first = start(*flags)
    wait_for_line(first, "step: ")
    options = (tmp_path / "run" / "options.json").read_bytes()
    second = start(*flags, "--existing=archive", "--ngf=8")
    _, error = second.communicate(timeout=SECONDS)
    assert second.returncode == 2
    assert error == (
        f"error: --checkpoint_dir {tmp_path / 'run'}: another training (process {first.pid}) is "
        "writing to it; wait for it to end, or name another folder\n"
    )
    assert first.poll() is None
    assert (tmp_path / "run" / "options.json").read_bytes() == options
    assert not (tmp_path / "run.1").exists()


def test_the_folder_is_free_again_when_a_training_was_killed(start, data, tmp_path):
    flags = [f"--data_path={data}", "--print_freq=5", "--eval_steps=0"]
    killed = start(*flags)
    wait_for_line(killed, "step: ")
    killed.kill()
    killed.wait()
    process = start(*flags, "--max_steps=2")
    _, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, error
