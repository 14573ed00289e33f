"""kill -9 while files are being written: what is left, and what the same command makes of it."""

import json
import os
import shutil
import socket

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

pytestmark = pytest.mark.any_runtime

# Kills the process in the midst of the n-th call of os.replace on a file of that name: what is to
# get the name is written, and does not get it.
KILLED = """
import os, signal
replace, calls = os.replace, []
def replace_or_die(source, target):
    if os.path.basename(target) == {name!r}:
        calls.append(target)
        if len(calls) == {number}:
            os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
os.replace = replace_or_die
"""


@pytest.fixture
def kill(programs, train_command):
    """Runs a program that is killed when it renames a file; the flags follow."""

    def run(program, name, number, *flags):
        network = train_command[2:] if program == "train" else []
        before = KILLED.format(name=name, number=number)
        process = programs.run(program, *network, *map(str, flags), before=before)
        assert process.returncode == -9

    return run


def leftovers(folder):
    return [str(path) for path in folder.rglob("*partial*")]


@pytest.fixture
def flags(data, tmp_path):
    return [
        f"--data_path={data}",
        f"--checkpoint_dir={tmp_path / 'run'}",
        "--which_direction=BtoA",
        "--save_checkpoints_steps=3",
        "--save_frozen_steps=3",
        "--eval_steps=0",
    ]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("options.json", 1),
        ("model-3.json", 1),
        ("model-3.pb", 1),
        ("throughput.json", 2),
        ("progress.json", 2),
        ("model-6.pb", 1),
    ],
)
def test_a_training_that_is_killed_leaves_nothing_that_the_same_command_does_not_remove(
    kill, train, flags, finished, tmp_path, name, number
):
    run = tmp_path / "run"
    kill("train", name, number, *flags, "--max_steps=6")
    assert leftovers(run)
    process = train(*flags, "--max_steps=6")
    assert process.returncode == 0, process.stderr
    assert leftovers(run) == []
    assert sorted(path.name for path in (run / "frozen").glob("*.pb")) == [
        "model-3.pb",
        "model-6.pb",
    ]
    for report in ("throughput.json", "progress.json"):
        assert json.loads((run / report).read_text())
    # What it has come to is what a run in one piece comes to.
    ends = [tf.train.load_checkpoint(str(folder / "model.ckpt-6")) for folder in (run, finished[0])]
    for variable in ends[0].get_variable_to_shape_map():
        values = [end.get_tensor(variable) for end in ends]
        np.testing.assert_allclose(*values, rtol=1e-3, atol=1e-5, err_msg=variable)


def test_parts_of_tensorflows_checkpoints_are_removed_and_what_others_write_stays(
    train, flags, tmp_path
):
    run = tmp_path / "run"
    host = socket.gethostname()
    part = "part-00000-of-00001.data-00000-of-00001"
    halves = [
        f"model.ckpt-3_temp_0f3a/{part}",
        f"model.ckpt-3_temp/{part}",
        "checkpoint.tmp0123abc",
    ]
    others = [
        "checkpoint.tmpl",  # Of a user,
        f".a.json.{host}.{os.getpid()}.01234567.partial",  # of a living process,
        ".a.json.another-host.999999999.01234567.partial",  # of another machine.
    ]
    for name in halves + others:
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(b"half")
    process = train(*flags, "--max_steps=1")
    assert process.returncode == 0, process.stderr
    assert not list(run.glob("*_temp*"))
    assert not (run / "checkpoint.tmp0123abc").exists()
    assert all((run / name).read_bytes() == b"half" for name in others)


def test_a_test_phase_leaves_nothing_either(kill, train, finished, data, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(str(finished[0]), str(run))
    flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test"]
    kill("train", "2.png", 1, *flags)
    assert leftovers(run)
    assert train(*flags).returncode == 0
    assert leftovers(run) == []


def test_an_export_that_is_killed_between_two_renames_gives_the_older_one_back(
    kill, programs, finished, tmp_path
):
    flags = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}", "--formats=saved_model,pb"]
    assert programs.run("export", *flags).returncode == 0
    model = tmp_path / "saved_model" / "6" / "saved_model.pb"
    older = model.read_bytes()
    kill("export", "6", 1, *flags)
    assert not model.exists()
    assert leftovers(tmp_path)

    assert programs.run("export", *flags[:2], "--image_size=100").returncode == 2
    assert programs.run("export", *flags[:2], "--formats=pb").returncode == 0
    assert model.read_bytes() == older
    assert leftovers(tmp_path) == []


def test_a_prediction_that_is_killed_leaves_nothing(kill, programs, finished, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (8, 8), (50 * number, 0, 0)).save(str(folder / f"{number}.png"))
    flags = [f"--input={folder}", f"--output={tmp_path / 'out'}"]
    flags.append(f"--checkpoint_dir={finished[0]}")
    kill("predict", "1.png", 1, *flags)
    assert leftovers(tmp_path)
    assert programs.run("predict", *flags).returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.png", "1.png", "2.png"]
