"""Runs of train.py in processes of their own, as users start it."""

import collections
import os
import pathlib
import re
import subprocess
import sys

import pytest

from input_fn import write_data_set

TRAIN = pathlib.Path(__file__).resolve().parents[2] / "estimator" / "train.py"
SMALL_NETWORK = ["--fine_size=64", "--ngf=4", "--ndf=4"]


@pytest.fixture(scope="session")
def train_command():
    """The command that runs train.py with a small network, as a list."""
    return [sys.executable, str(TRAIN), *SMALL_NETWORK]


@pytest.fixture(scope="session")
def train(train_command):
    """Runs train.py with a small network; returns the completed process."""

    def run(*flags, folder=None):
        # The program has to find its packages by itself, from whatever folder it is started in.
        environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
        return subprocess.run(
            [*train_command, *map(str, flags)],
            capture_output=True,
            text=True,
            check=False,
            cwd=None if folder is None else str(folder),
            env=environment,
        )

    return run


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A data set of 5 pairs to train on and 2 to evaluate."""
    folder = tmp_path_factory.mktemp("data")
    write_data_set(str(folder), train=5, val=2, seed=0)
    return folder


@pytest.fixture(scope="session")
def finished(train, data, tmp_path_factory):
    """A run of 6 steps: its folder and its process. Not to be written to."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    process = train(
        f"--data_path={data}",
        f"--checkpoint_dir={folder}",
        "--which_direction=BtoA",
        "--max_steps=6",
        "--save_checkpoints_steps=3",
        "--save_frozen_steps=4",
        "--summary_freq=2",
        "--image_freq=5",
        "--print_freq=2",
    )
    assert process.returncode == 0, process.stderr
    return folder, process


Kept = collections.namedtuple("Kept", ["folder", "process", "best", "last"])
Kept.__doc__ = """A run that kept its best checkpoint: its folder, its process, the step that the
log gives the highest PSNR, and the last step."""


@pytest.fixture(scope="session")
def kept(train, data, tmp_path_factory):
    """A run of 11 steps whose best checkpoint TensorFlow has deleted. Not to be written to."""
    folder = tmp_path_factory.mktemp("kept") / "run"
    process = train(
        f"--data_path={data}",
        f"--checkpoint_dir={folder}",
        "--keep_best=psnr",
        "--max_steps=11",
        "--save_checkpoints_steps=1",
        "--learning_rate=0.2",  # So much that pictures get worse again.
    )
    assert process.returncode == 0, process.stderr
    scores = re.findall(r"^val: step (\d+), .*psnr: ([\d.]+)", process.stdout, re.MULTILINE)
    best, _ = max(scores, key=lambda each: float(each[1]))
    assert 1 < int(best) < 7  # TensorFlow keeps five.
    return Kept(folder, process, int(best), 11)


@pytest.fixture
def refuses(capsys):
    """Checks that a program ended with exit code 2 and one line on stderr, which names some things.

    A function of (exit code, *named); to be called once the program has ended.
    """

    def check(code, *named):
        error = capsys.readouterr().err
        assert code == 2
        assert error.startswith("error: ")
        assert error.count("\n") == 1
        assert all(name in error for name in named), error

    return check
