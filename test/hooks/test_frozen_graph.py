import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from hooks.frozen_graph import FrozenGraphHook, freeze_graph_def, write_frozen_graph

# What a user has who knows nothing of this project: the file, TensorFlow, and two names.
RELOAD = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf

graph_def = tf.GraphDef()
with open(sys.argv[1], "rb") as file:
    graph_def.ParseFromString(file.read())
with tf.Graph().as_default() as graph:
    tf.import_graph_def(graph_def, name="")
    with tf.Session(graph=graph) as session:
        np.save(sys.argv[3], session.run("output:0", {"input:0": np.load(sys.argv[2])}))
"""


def build_conv():
    """tanh(conv 3x3 with bias), in a scope, with a side branch that the output does not need."""
    images = tf.placeholder(tf.float32, [None, 6, 7, 3], name="input")
    with tf.variable_scope("generator"):
        kernel = tf.get_variable("kernel", [3, 3, 3, 2], use_resource=True)
        bias = tf.get_variable("bias", [2], use_resource=True)
    features = tf.nn.conv2d(images, kernel, [1, 1, 1, 1], "SAME") + bias
    tf.reduce_mean(features, name="side_branch")
    tf.tanh(features, name="output")


def conv_in_numpy(images, kernel, bias):
    height, width = images.shape[1:3]
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="constant")
    features = sum(
        padded[:, row : row + height, column : column + width] @ kernel[row, column]
        for row in range(3)
        for column in range(3)
    )
    return np.tanh(features + bias)


def conv_values():
    random = np.random.RandomState(3)
    return {
        "generator/kernel": random.normal(0, 0.3, [3, 3, 3, 2]).astype(np.float32),
        "generator/bias": random.normal(0, 0.3, [2]).astype(np.float32),
    }


def build_scale():
    """output = input * scale."""
    values = tf.placeholder(tf.float32, [None], name="input")
    with tf.variable_scope("generator"):
        scale = tf.get_variable("scale", [], initializer=tf.zeros_initializer(), use_resource=True)
    tf.multiply(values, scale, name="output")


def evaluate(graph_def, values):
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    with tf.Session(graph=graph) as session:
        return session.run("output:0", {"input:0": values})


def read_graph(path):
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    return graph_def


class TestFreeze:
    def test_equals_numpy(self):
        images = np.random.RandomState(4).uniform(-1, 1, [2, 6, 7, 3]).astype(np.float32)
        values = conv_values()
        expected = conv_in_numpy(images, values["generator/kernel"], values["generator/bias"])
        output = evaluate(freeze_graph_def(build_conv, values), images)
        np.testing.assert_allclose(output, expected, atol=1e-5)

    def test_equals_the_session_that_the_values_come_from(self):
        images = np.random.RandomState(5).uniform(-1, 1, [2, 6, 7, 3]).astype(np.float32)
        with tf.Graph().as_default():
            tf.set_random_seed(1)
            build_conv()
            variables = tf.trainable_variables()
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                arrays = session.run([variable.value() for variable in variables])
                expected = session.run("output:0", {"input:0": images})
        values = {variable.op.name: array for variable, array in zip(variables, arrays)}
        np.testing.assert_allclose(
            evaluate(freeze_graph_def(build_conv, values), images), expected, atol=1e-5
        )

    def test_has_no_variables_and_only_what_the_output_needs(self):
        graph_def = freeze_graph_def(build_conv, conv_values())
        operations = {node.op for node in graph_def.node}
        assert not [name for name in operations if "Var" in name or name.startswith("Assign")]
        names = {node.name for node in graph_def.node}
        assert {"input", "output"} <= names
        assert "side_branch" not in names

    def test_does_not_touch_the_default_graph(self):
        with tf.Graph().as_default() as graph:
            freeze_graph_def(build_conv, conv_values())
        assert graph.get_operations() == []

    def test_a_variable_without_a_value_is_named(self):
        values = conv_values()
        del values["generator/bias"]
        with pytest.raises(ValueError, match="generator/bias"):
            freeze_graph_def(build_conv, values)

    def test_a_value_without_a_variable_is_named(self):
        values = {**conv_values(), "generator/other": np.float32(1)}
        with pytest.raises(ValueError, match="generator/other"):
            freeze_graph_def(build_conv, values)

    @pytest.mark.parametrize(
        ("input_name", "output_name", "missing"),
        [("images", "output", "input"), ("input", "result", "output")],
    )
    def test_a_missing_node_is_named(self, input_name, output_name, missing):
        def build():
            tf.negative(tf.placeholder(tf.float32, [1], name=input_name), name=output_name)

        with pytest.raises(ValueError, match=f"no node {missing}$"):
            freeze_graph_def(build, {})


class TestWrite:
    def test_another_program_gets_the_same_output(self, tmp_path):
        values = conv_values()
        images = np.random.RandomState(6).uniform(-1, 1, [3, 6, 7, 3]).astype(np.float32)
        np.save(str(tmp_path / "images.npy"), images)
        graph_def = freeze_graph_def(build_conv, values)
        write_frozen_graph(str(tmp_path / "model.pb"), graph_def, {})
        (tmp_path / "reload.py").write_text(RELOAD)
        subprocess.run(
            [sys.executable, "reload.py", "model.pb", "images.npy", "output.npy"],
            cwd=str(tmp_path),
            check=True,
        )
        expected = conv_in_numpy(images, values["generator/kernel"], values["generator/bias"])
        np.testing.assert_allclose(np.load(str(tmp_path / "output.npy")), expected, atol=1e-5)

    def test_note_tells_the_ends_and_what_it_was_given(self, tmp_path):
        graph_def = freeze_graph_def(build_conv, conv_values())
        write_frozen_graph(str(tmp_path / "model.pb"), graph_def, {"direction": "BtoA"})
        assert json.loads((tmp_path / "model.json").read_text()) == {
            "input": {"name": "input:0", "shape": [None, 6, 7, 3], "dtype": "float32"},
            "output": {"name": "output:0", "shape": [None, 6, 7, 2], "dtype": "float32"},
            "direction": "BtoA",
        }

    def test_note_is_there_before_the_graph(self, tmp_path, written):
        graph_def = freeze_graph_def(build_conv, conv_values())
        write_frozen_graph(str(tmp_path / "model.pb"), graph_def, {})
        assert written == ["model.json", "model.pb"]


@pytest.fixture
def written(monkeypatch):
    """Names of the files that got their final name, in that order."""
    names = []
    replace = os.replace

    def spy(source, target):
        replace(source, target)
        names.append(os.path.basename(target))

    monkeypatch.setattr(os, "replace", spy)
    return names


@pytest.fixture
def make_hook(tmp_path, clock):
    def make(training, every_steps, build_graph=build_scale):
        """A hook for a training whose variable `generator/scale` grows with the step."""
        with training.graph.as_default():
            build_scale()
            (scale,) = tf.trainable_variables()
            growth = tf.cast(training.advance, tf.float32)
            training.train_op = tf.group(training.train_op, tf.assign_add(scale, growth))
        note = {"direction": "AtoB"}
        return FrozenGraphHook(
            training.step, build_graph, [scale], str(tmp_path), note, every_steps, clock
        )

    return make


class TestHook:
    @pytest.mark.parametrize(
        ("every_steps", "first_step", "advances", "expected"),
        [
            (2, 0, [1] * 5, [2, 4, 5]),
            (2, 0, [1] * 4, [2, 4]),  # The last is written already.
            (0, 0, [1] * 3, [3]),  # At the end only.
            (20, 0, [10] * 5, [20, 40, 50]),
            (25, 0, [10] * 6, [30, 50, 60]),  # The first runs to reach 25 and 50.
            (5, 0, [10] * 2, [10, 20]),
            (25, 40, [10] * 2, [50, 60]),  # Multiples do not depend on where training resumed.
            (25, 50, [10] * 3, [80]),
            (2, 0, [1, 1, 0, 0, 1], [2, 3]),  # A skipped step writes nothing again.
            (2, 4, [], []),
            (2, 4, [0, 0], []),
        ],
    )
    def test_steps_with_a_graph(
        self, training_from, make_hook, written, every_steps, first_step, advances, expected
    ):
        training = training_from(first_step)
        with training.session([make_hook(training, every_steps)]) as make_run:
            for advance in advances:
                make_run(advance)
        assert written == [
            f"model-{step}.{ending}" for step in expected for ending in ("json", "pb")
        ]

    @pytest.mark.parametrize(("every_steps", "steps"), [(20, [20, 40, 50]), (15, [20, 30, 50])])
    def test_values_and_note_are_those_of_the_step(
        self, training, make_hook, tmp_path, every_steps, steps
    ):
        with training.session([make_hook(training, every_steps)]) as make_run:
            for _ in range(5):
                make_run(advance=10)
        for step in steps:
            output = evaluate(read_graph(tmp_path / f"model-{step}.pb"), [1.0, -2.0])
            np.testing.assert_array_equal(output, [step, -2.0 * step])
            note = json.loads((tmp_path / f"model-{step}.json").read_text())
            assert (note["step"], note["direction"]) == (step, "AtoB")
            assert note["input"]["shape"] == [None]

    def test_time_of_writing_is_a_pause(self, training, make_hook, clock, fake_time):
        def build_slowly():
            fake_time.advance(100.0)
            build_scale()

        with training.session([make_hook(training, 2, build_slowly)]) as make_run:
            for _ in range(3):
                make_run(seconds=1.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (3.0, 200.0)
