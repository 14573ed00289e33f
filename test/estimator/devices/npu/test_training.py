"""A training run on both flavours of the stand-in, one step and several to a session run."""

import collections
import glob
import json
import pathlib
import re

import pytest
import tensorflow.compat.v1 as tf


@pytest.fixture(scope="module", params=[("old", 1), ("new", 10)], ids=str)
def finished(run, request):
    """A run of 20 steps, K to a session run."""
    flavour, steps = request.param
    return run(
        flavour,
        f"--iterations_per_loop={steps}",
        "--max_steps=20",
        "--save_checkpoints_steps=10",
        "--summary_freq=5",
        "--image_freq=10",
        "--print_freq=10",
    )


@pytest.fixture
def steps_per_run(finished):
    (estimator,) = finished.events["estimator"]
    return estimator["parameter_map"]["iterations_per_loop"][1]


def values_of(folder):
    for path in sorted(glob.glob(f"{folder}/events.*")):
        for event in tf.train.summary_iterator(path):
            for value in event.summary.value:
                yield event.step, value


class TestRun:
    def test_it_says_that_it_runs_on_an_npu_and_why(self, finished):
        assert finished.process.stdout.startswith("device: npu (as asked), allow_mix_precision")

    def test_one_session_run_makes_all_steps_of_a_loop(self, finished, steps_per_run):
        assert finished.counts.get("sunk_runs", 0) == (2 if steps_per_run == 10 else 0)

    def test_checkpoints_scores_and_frozen_graphs_keep_their_cadence(self, finished):
        scored = re.findall(r"^val: step (\d+),", finished.process.stdout, re.MULTILINE)
        assert scored == ["10", "20"]
        assert (finished.folder / "model.ckpt-10.index").exists()
        assert (finished.folder / "model.ckpt-20.index").exists()
        assert (finished.folder / "frozen" / "model-20.pb").exists()

    def test_throughput_counts_steps_not_session_runs(self, finished, steps_per_run):
        report = json.loads((finished.folder / "throughput.json").read_text())
        assert report["last_step"] == 20
        if steps_per_run == 1:
            assert report["steps"] == 20 - 10  # The warm-up is left out.

    def test_summaries_reach_tensorboard(self, finished):
        steps = collections.defaultdict(set)
        for step, value in values_of(finished.folder):
            steps[value.tag].add(step)
        for tag in ("discriminator/real", "generator/l1", "generator/loss_scale", "learning_rate"):
            assert len(steps[tag]) >= 4, tag
        assert any(tag.startswith("train/input_output_target") for tag in steps)

    def test_the_checkpoint_has_the_names_that_hosts_use(self, finished):
        names = {name for name, _ in tf.train.list_variables(str(finished.folder))}
        for name in (
            "generator/encoder_1/kernel",
            "generator_optimizer/beta1_power",
            "generator_optimizer/generator/encoder_1/kernel/Adam",
            "discriminator_optimizer/discriminator/layer_1/kernel/Adam_1",
            "discriminator_optimizer/loss_scale",
            "generator_optimizer/skipped_steps",
            "global_step",
        ):
            assert name in names
        assert not [name for name in names if name.startswith("npu_runconfig")]

    def test_the_frozen_graph_has_no_operation_of_the_device(self, finished):
        graph_def = tf.GraphDef.FromString((finished.folder / "frozen/model-20.pb").read_bytes())
        operations = {node.op for node in graph_def.node}
        assert not [
            name for name in operations if name.startswith(("Npu", "NPU", "Hcom", "DropOut"))
        ]
        assert not [name for name in operations if "Random" in name]


class TestWhatReachesTheDevice:
    def test_the_parameters_have_the_right_field_and_value(self, finished, steps_per_run):
        (estimator,) = finished.events["estimator"]
        parameters = estimator["parameter_map"]
        expected = {
            "use_off_line": ["b", True],
            "enable_data_pre_proc": ["b", True],
            "mix_compile_mode": ["b", False],
            "iterations_per_loop": ["i", steps_per_run],
            "precision_mode": ["s", "allow_mix_precision"],
            "graph_run_mode": ["i", 1],
            "enable_dump": ["b", False],
            "enable_dump_debug": ["b", False],
        }
        assert {name: parameters[name] for name in expected} == expected
        field, mixlist = parameters["modify_mixlist"]
        assert field == "s"
        assert json.loads(pathlib.Path(mixlist).read_text()) == {
            "black-list": {"to-add": ["ReluGradV2"]}
        }

    def test_the_optimizers_are_wrapped_scaling_outermost(self, finished):
        for optimizer in finished.events["loss_scale_optimizer"]:
            assert optimizer["wraps"] == ["AdamOptimizer"]
            assert optimizer["is_distributed"] is False

    def test_each_network_has_a_manager_of_its_own(self, finished):
        managers = finished.events["loss_scale_manager"]
        assert [manager["arguments"]["init_loss_scale"] for manager in managers] == [2.0**15] * 2

    def test_the_discriminator_is_applied_before_the_generator_which_alone_counts(self, finished):
        applied = [
            (event["label"], event["advances_global_step"])
            for event in finished.events["apply_gradients"]
            if event["optimizer"] == "NPULossScaleOptimizer"
        ]
        assert applied == [("discriminator", False), ("generator", True)]

    def test_hooks_come_after_the_vendors(self, finished, steps_per_run):
        (spec,) = finished.events["estimator_spec"]
        vendors = [
            "NPUCheckpointSaverHook",
            "NPUInfeedOutfeedSessionHook",
            "NPULogOutfeedSessionHook",
        ]
        if steps_per_run > 1:
            vendors.append("SetIterationsVarHook")
        assert spec["hooks"][: len(vendors)] == vendors
        assert not [name for name in spec["hooks"] if "Broadcast" in name]
        assert len(spec["hooks"]) == len(set(spec["hooks"]))

    def test_the_step_can_be_sunk(self, finished, steps_per_run):
        (graph,) = finished.events["training_graph"]
        assert graph["iteration_ops"] == (["IterationOp"] if steps_per_run > 1 else [])
        assert graph["host_only"] == []
        assert graph["dynamic_shapes"] == []

    def test_one_graph_is_compiled_for_all_steps(self, finished):
        """Whether scalars, pictures, a line or a checkpoint are due at a step or not."""
        assert finished.counts["training_graphs"] == 1

    def test_no_operation_of_the_step_is_left_to_the_slow_helper(self, finished):
        (graph,) = finished.events["training_graph"]
        assert graph["slow"] == []

    def test_dropout_is_the_devices_own_on_three_layers_in_training_only(self, finished):
        dropped = finished.events["dropout"]
        assert [event["keep_prob"] for event in dropped] == [0.5] * 3

    def test_nothing_comes_from_the_wildcard_module(self, finished):
        assert [event["module"] for event in finished.events["import"]] == ["npu_bridge"]


class TestOneRank:
    def test_nothing_is_exchanged(self, finished):
        assert finished.events["hccl"] == []
