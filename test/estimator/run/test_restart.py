import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf


def weights_of(folder, step):
    reader = tf.train.load_checkpoint(str(folder / f"model.ckpt-{step}"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


@pytest.fixture(scope="module")
def interrupted(train, data, tmp_path_factory):
    """The run of `finished`, as two: 4 steps, and the same command again to the 6th."""
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    flags = [f"--data_path={data}", f"--checkpoint_dir={folder}", "--which_direction=BtoA"]
    train(*flags, "--max_steps=4", "--eval_steps=0")
    process = train(*flags, "--max_steps=6", "--eval_steps=0")
    assert process.returncode == 0, process.stderr
    return folder, process, flags


def test_it_says_where_it_resumes(interrupted):
    assert "at step 4" in interrupted[1].stdout
    assert json.loads((interrupted[0] / "progress.json").read_text())["first_step"] == 4


def test_an_interrupted_run_ends_with_the_weights_and_moments_of_one_in_one_piece(
    interrupted, finished
):
    whole, parts = weights_of(finished[0], 6), weights_of(interrupted[0], 6)
    assert whole.keys() == parts.keys()
    assert any("Adam" in name for name in whole)
    for name, value in whole.items():
        # Sums over threads are not in a fixed order.
        np.testing.assert_allclose(parts[name], value, rtol=1e-3, atol=1e-5, err_msg=name)


def test_no_validation_is_made_when_it_is_turned_off(interrupted):
    assert "val:" not in interrupted[1].stdout
    assert not (interrupted[0] / "eval").exists()


def test_a_finished_run_says_so_and_changes_nothing(train, interrupted):
    folder, _, flags = interrupted
    before = {path: path.stat().st_mtime_ns for path in folder.glob("model.ckpt-*")}
    process = train(*flags, "--max_steps=6", "--eval_steps=0")
    assert process.returncode == 0
    assert "training is complete" in process.stdout
    assert {path: path.stat().st_mtime_ns for path in folder.glob("model.ckpt-*")} == before


def test_a_frozen_graph_that_is_missing_is_made_from_the_last_checkpoint(train, interrupted):
    folder, _, flags = interrupted
    for path in (folder / "frozen").iterdir():
        path.unlink()
    train(*flags, "--max_steps=6", "--eval_steps=0")
    assert sorted(path.name for path in (folder / "frozen").iterdir()) == [
        "model-6.json",
        "model-6.pb",
    ]


def test_another_network_is_refused_in_one_line_and_nothing_is_changed(train, interrupted):
    folder, _, flags = interrupted
    before = (folder / "options.json").read_bytes()
    process = train(*flags, "--max_steps=8", "--ngf=8")
    assert process.returncode == 2
    assert process.stderr.startswith("error: --ngf 8")
    assert process.stderr.count("\n") == 1
    assert (folder / "options.json").read_bytes() == before
