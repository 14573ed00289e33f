"""All hooks in a real Estimator: trained, interrupted, resumed."""

import json
import re

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from hooks import (
    EvaluationHook,
    FiniteLossHook,
    FrozenGraphHook,
    ImageRowsHook,
    PauseForCheckpoint,
    ProgressHook,
    ThroughputHook,
    TrainingClock,
)

BATCH_SIZE = 4


def predict(values):
    with tf.variable_scope("line", reuse=tf.AUTO_REUSE):
        slope = tf.get_variable("slope", [], initializer=tf.zeros_initializer())
        offset = tf.get_variable("offset", [], initializer=tf.zeros_initializer())
    return values * slope + offset


def input_fn():
    values = np.linspace(-1, 1, 16, dtype=np.float32).reshape(16, 1)
    dataset = tf.data.Dataset.from_tensor_slices((values, 3 * values + 1))
    return dataset.repeat().batch(BATCH_SIZE)


class Program:
    """An Estimator with all hooks, as a program would make it anew each time it is started."""

    def __init__(self, folder, every_steps):
        self.folder = folder
        self.every_steps = every_steps
        self.clock = TrainingClock()
        self.lines = []
        self.estimator = self._make_estimator()

    def _make_estimator(self):
        config = tf.estimator.RunConfig(
            model_dir=str(self.folder), save_checkpoints_steps=self.every_steps
        )
        return tf.estimator.Estimator(self._model_fn, config=config)

    def _model_fn(self, features, labels, mode):
        predictions = predict(features)
        loss = tf.losses.mean_squared_error(labels, predictions)
        if mode == tf.estimator.ModeKeys.EVAL:
            rows = tf.cast(tf.fill([BATCH_SIZE, 2, 2, 3], 9), tf.uint8)
            pictures = ImageRowsHook(rows, 3, str(self.folder / "eval"), "val")
            return tf.estimator.EstimatorSpec(mode, loss=loss, evaluation_hooks=[pictures])
        global_step = tf.train.get_global_step()
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        train_op = optimizer.minimize(loss, global_step=global_step)
        with tf.control_dependencies([train_op]):
            step = tf.identity(global_step.read_value())
        return tf.estimator.EstimatorSpec(
            mode,
            loss=loss,
            train_op=train_op,
            training_hooks=self._hooks(step, {"d_loss": loss, "g_loss": 2.0 * loss}),
        )

    def _hooks(self, step, losses):
        throughput = ThroughputHook(
            step,
            self.clock,
            BATCH_SIZE,
            self._writer("throughput.json"),
            every_steps=self.every_steps,
            warmup_steps=4,
            summary_dir=str(self.folder),
        )
        progress = ProgressHook(
            step,
            losses,
            lambda: throughput.window_images_per_sec,
            steps_per_epoch=4,
            max_steps=30,
            every_steps=self.every_steps,
            write_report=self._writer("report.json"),
            clock=self.clock,
            write=self.lines.append,
        )
        frozen = FrozenGraphHook(
            step, tf.trainable_variables(), self._save, 2 * self.every_steps, self.clock
        )
        return [FiniteLossHook(step, losses), throughput, progress, frozen, self._evaluation(step)]

    def _writer(self, name):
        return lambda report: (self.folder / name).write_text(json.dumps(report))

    def _save(self, step, values):
        (self.folder / "frozen").mkdir(exist_ok=True)
        kept = {name: float(value) for name, value in values.items()}
        (self.folder / "frozen" / f"model-{step}.json").write_text(json.dumps(kept))

    def _evaluation(self, step):
        def evaluate():
            metrics = self._make_estimator().evaluate(input_fn, steps=2)
            return {"l2": metrics["loss"], "checkpoint": metrics["global_step"]}

        return EvaluationHook(step, evaluate, self.every_steps, self.clock, self.lines.append)

    def train(self, max_steps):
        self.estimator.train(
            input_fn, max_steps=max_steps, saving_listeners=[PauseForCheckpoint(self.clock)]
        )

    def read_json(self, name):
        return json.loads((self.folder / name).read_text())

    def steps_of_lines(self, beginning, pattern):
        return [
            int(re.search(pattern, line).group(1))
            for line in self.lines
            if line.startswith(beginning)
        ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Trains to 20 steps, and a program started anew to 30; returns both and the first reports."""
    folder = tmp_path_factory.mktemp("model")
    first = Program(folder, every_steps=8)
    first.train(20)
    reports = {name: first.read_json(name) for name in ("throughput.json", "report.json")}
    second = Program(folder, every_steps=8)
    second.train(30)
    tf.summary.FileWriterCache.clear()
    return first, reports, second


def test_lines_of_progress(runs):
    first, _, second = runs
    assert first.steps_of_lines("Epoch", r"step: (\d+)/30") == [1, 8, 16, 20]
    assert second.steps_of_lines("Epoch", r"step: (\d+)/30") == [21, 24, 30]


def test_each_checkpoint_is_evaluated(runs):
    first, _, second = runs
    for program, steps in ((first, [8, 16, 20]), (second, [28, 30])):
        assert program.steps_of_lines("val", r"val: step (\d+)") == steps
        assert program.steps_of_lines("val", r"checkpoint: (\d+)\.") == steps


def test_reports_of_losses(runs):
    _, reports, second = runs
    first_report, second_report = reports["report.json"], second.read_json("report.json")
    assert (first_report["first_step"], first_report["step"]) == (0, 20)
    assert (second_report["first_step"], second_report["step"]) == (20, 30)
    assert (first_report["finished"], second_report["finished"]) == (False, True)
    assert second_report["epoch"] == 8
    for report in (first_report, second_report):
        losses = report["losses"]
        assert losses["g_loss"] == pytest.approx(2 * losses["d_loss"])
    assert second_report["losses"]["d_loss"] < first_report["losses"]["d_loss"]


def test_reports_of_throughput(runs):
    _, reports, second = runs
    first_report, second_report = reports["throughput.json"], second.read_json("throughput.json")
    for report, ends, steps in ((first_report, (0, 20), 16), (second_report, (20, 30), 6)):
        assert (report["first_step"], report["last_step"]) == ends
        assert report["steps"] == steps
        assert report["images_per_sec"] == pytest.approx(
            BATCH_SIZE * steps / report["measured_seconds"]
        )
        assert report["paused_seconds"] > 0.0


def test_scalars_of_throughput_and_pictures(runs, read_events):
    folder = runs[0].folder
    rates = [step for step, value in read_events(folder) if value.tag == "images_per_sec"]
    # Windows of 8 steps begin after the second run of each program.
    assert rates == [10, 18, 30]
    pictures = [(step, value.tag) for step, value in read_events(folder / "eval")]
    written = [(step, tag) for step, tag in pictures if tag.startswith("val/")]
    assert written == [(step, f"val/{i}") for step in (8, 16, 20, 28, 30) for i in range(3)]


def test_frozen_graphs_are_the_checkpoints_of_their_steps(runs):
    folder = runs[0].folder
    names = sorted(path.name for path in (folder / "frozen").iterdir())
    assert names == ["model-16.json", "model-20.json", "model-30.json"]
    for step in (16, 20, 30):
        checkpoint = tf.train.load_checkpoint(str(folder / f"model.ckpt-{step}"))
        assert json.loads((folder / "frozen" / f"model-{step}.json").read_text()) == {
            name: float(checkpoint.get_tensor(name)) for name in ("line/slope", "line/offset")
        }
