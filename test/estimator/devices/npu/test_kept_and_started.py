"""--init_from and --keep_best on the stand-in, with a loop of steps on the device."""

import json
import re

import numpy as np
import pytest
import tensorflow.compat.v1 as tf


@pytest.fixture(scope="module")
def started(run, finished):
    """A run of 20 steps that changes next to nothing, from the weights of one on the host."""
    return run(
        "new",
        f"--init_from={finished[0]}",
        "--keep_best=l1",
        "--which_direction=BtoA",
        "--iterations_per_loop=10",
        "--max_steps=20",
        "--save_checkpoints_steps=10",
        "--learning_rate=1e-12",
    )


def test_it_begins_with_the_weights_of_the_other_run(started, finished):
    there = tf.train.load_checkpoint(str(finished[0] / "model.ckpt-6"))
    here = tf.train.load_checkpoint(str(started.folder / "model.ckpt-20"))
    names = [
        name
        for name in here.get_variable_to_shape_map()
        if name.startswith(("generator/", "discriminator/"))
    ]
    assert len(names) > 17
    for name in names:
        values = here.get_tensor(name), there.get_tensor(name)
        np.testing.assert_allclose(*values, rtol=0, atol=1e-9, err_msg=name)
    assert here.get_tensor("generator_optimizer/loss_scale") > 1
    assert here.get_tensor("global_step") == 20
    line = f"starting from the weights of {finished[0] / 'model.ckpt-6'}: all 17 layers\n"
    assert line in started.process.stdout


def test_the_best_is_kept(started):
    pattern = r"^val: step (\d+), l1: ([\d.]+)"
    scores = re.findall(pattern, started.process.stdout, re.MULTILINE)
    assert [step for step, _ in scores] == ["10", "20"]
    held = json.loads((started.folder / "best" / "best.json").read_text())
    score = min(float(score) for _, score in scores)
    assert held["scores"]["l1"] == pytest.approx(score, abs=1e-4)
    path = tf.train.latest_checkpoint(str(started.folder / "best"))
    assert tf.train.load_variable(path, "global_step") == held["step"]
