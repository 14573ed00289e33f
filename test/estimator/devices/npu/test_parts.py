"""Networks, objectives and schedules on the stand-in, one step and several to a session run."""

import re

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

PARTS = {
    "hinge": [
        *("--gan_mode=hinge", "--spectral_norm_D", "--upsample=resize", "--ema=0.5"),
        *("--lr_policy=cosine", "--lr_D=0.0001"),
    ],
    "wgangp": ["--gan_mode=wgangp", "--norm=instance", "--netG=resnet_6", "--lr_policy=linear"],
    "pix2pixhd": ["--preset=pix2pixhd_small", "--ngf=2", "--ndf=2", "--fine_size=48"],
    "no_discriminator": ["--gan_mode=none", "--separable_conv", "--lambda_edge=1"],
}


@pytest.fixture(scope="module", params=[("old", 1), ("new", 10)], ids=str)
def finished(run, request):
    """A run of 20 steps with all that is kept from step to step, K to a session run."""
    flavour, steps = request.param
    return run(
        flavour,
        *PARTS["hinge"],
        f"--iterations_per_loop={steps}",
        "--max_steps=20",
        "--save_checkpoints_steps=10",
        "--eval_steps=0",
    )


def test_the_average_moves_between_the_weights_that_it_is_of(weights_of, finished):
    before, after = (weights_of(finished.folder / f"model.ckpt-{step}") for step in (10, 20))
    averages = [name for name in after if name.startswith("average/generator/")]
    assert len(averages) == len([name for name in after if name.startswith("generator/")])
    for name in averages:
        assert np.any(after[name] != before[name])
        # With a decay of a half, what was ten steps ago counts a thousandth.
        distance = np.abs(after[name] - after[name[len("average/") :]]).max()
        assert distance < 10 * 2e-4, name


def test_the_vectors_of_spectral_norm_move_and_stay_of_length_one(weights_of, finished):
    before, after = (weights_of(finished.folder / f"model.ckpt-{step}") for step in (10, 20))
    vectors = [name for name in after if name.endswith("/singular_vector")]
    assert len(vectors) == 5
    (graph,) = finished.events["training_graph"]
    assert graph["dynamic_shapes"] == graph["slow"] == graph["host_only"] == []
    for name in vectors:
        assert np.linalg.norm(after[name]) == pytest.approx(1.0, abs=1e-5)
        assert after[name].size == 1 or np.any(after[name] != before[name])


def test_what_is_frozen_is_the_average(weights_of, finished):
    graph_def = tf.GraphDef()
    graph_def.ParseFromString((finished.folder / "frozen" / "model-20.pb").read_bytes())
    held = {
        node.name: tf.make_ndarray(node.attr["value"].tensor)
        for node in graph_def.node
        if node.op == "Const"
    }
    for name, value in weights_of(finished.folder / "model.ckpt-20").items():
        if not name.startswith("average/generator/"):
            continue
        if re.search(r"decoder_\d+/kernel$", name):
            # With --upsample=resize kernels of 3x3 stand as what they come to, transposed kernels
            # of 4x4, whose weights reach each of four pixels once.
            (kernel,) = [
                each
                for place, each in held.items()
                if place.startswith(name[: -len("kernel")]) and each.shape[:2] == (4, 4)
            ]
            sums = 4 * value.sum(axis=(0, 1)).T
            np.testing.assert_allclose(kernel.sum(axis=(0, 1)), sums, atol=1e-5)
        else:
            np.testing.assert_array_equal(held[name], value)


@pytest.mark.parametrize("name", [name for name in PARTS if name != "hinge"])
def test_other_parts_make_one_graph_without_anything_a_device_does_not_have(run, name):
    finished = run(
        "new",
        *PARTS[name],
        *("--iterations_per_loop=10", "--max_steps=10", "--save_checkpoints_steps=10"),
        "--eval_steps=0",
    )
    assert (finished.folder / "model.ckpt-10.index").exists()
    assert re.search(r"step: 10/10", finished.process.stdout)
    assert finished.counts["sunk_runs"] == 1
    (graph,) = finished.events["training_graph"]
    for fault in ("host_only", "slow", "dynamic_shapes", "dtypes"):
        assert graph[fault] == [], fault
