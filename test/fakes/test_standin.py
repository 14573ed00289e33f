"""A program in a process of its own: which flavour it finds, and what it leaves for a test."""

import json

import pytest

PROGRAM = """
import sys
import tensorflow.compat.v1 as tf
tf.enable_resource_variables()
from npu_bridge.estimator.npu.npu_config import NPURunConfig
from npu_bridge.estimator.npu.npu_estimator import NPUEstimator
from npu_bridge.estimator.npu.npu_loss_scale_manager import ExponentialUpdateLossScaleManager
from npu_bridge.estimator.npu.npu_loss_scale_optimizer import NPULossScaleOptimizer

def model_fn(features, mode):
    with tf.variable_scope("generator"):
        w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    manager = ExponentialUpdateLossScaleManager(2.0**15, 1000, 1, decr_ratio=0.5)
    optimizer = NPULossScaleOptimizer(tf.train.GradientDescentOptimizer(1.0), manager)
    loss = tf.square(w - features)
    train_op = optimizer.minimize(loss, tf.train.get_global_step())
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

config = NPURunConfig(model_dir=sys.argv[1], iterations_per_loop=2, log_step_count_steps=None)
estimator = NPUEstimator(model_fn, config=config)
estimator.train(lambda: tf.data.Dataset.from_tensors(1.0).repeat(), max_steps=4)
print(estimator.get_variable_value("loss_scale"))
"""


@pytest.fixture(scope="module", params=["old", "new"])
def process(request, start_program, finish_program, tmp_path_factory):
    """A training of 4 steps whose third overflows: flavour, what it printed, what it recorded."""
    folder = tmp_path_factory.mktemp(request.param)
    program = PROGRAM.replace("sys.argv[1]", repr(str(folder / "model")))
    started = start_program(
        request.param,
        program,
        JOB_ID="1",
        RANK_ID="0",
        NPU_STANDIN_RECORD=str(folder / "record-{rank}.json"),
        NPU_STANDIN_OVERFLOW="generator:3",
    )
    printed = finish_program(started)
    return request.param, printed, json.loads((folder / "record-0.json").read_text())


def events(process, kind):
    return [event for event in process[2]["events"] if event["event"] == kind]


class TestProcess:
    def test_finds_the_flavour_that_is_on_its_path(self, process):
        (imported,) = events(process, "import")
        assert imported["flavour"] == process[0]

    def test_overflows_where_the_environment_says(self, process):
        assert process[1].strip() == str(2.0**14)

    def test_records_how_the_device_was_set_up(self, process):
        (estimator,) = events(process, "estimator")
        assert estimator["parameter_map"]["iterations_per_loop"] == ["i", 2]

    def test_records_the_hooks(self, process):
        (spec,) = events(process, "estimator_spec")
        assert spec["hooks"] == ["NPUCheckpointSaverHook", "SetIterationsVarHook"]
        assert "live" not in spec

    def test_records_how_often_the_loop_was_run(self, process):
        # Two steps in each run, and one of them skipped: the third run goes one step too far.
        assert process[2]["counts"]["sunk_runs"] == 3

    def test_records_what_was_asked_for(self, process):
        (config,) = events(process, "run_config")
        assert config["arguments"]["iterations_per_loop"] == 2
        assert config["arguments"]["log_step_count_steps"] is None
