"""The generator as a frozen graph: constants, the same numbers, nothing of this project."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import describe_ends, freeze_graph_def

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


def evaluate(graph_def, values):
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    with tf.Session(graph=graph) as session:
        return session.run("output:0", {"input:0": values})


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

    def test_what_is_made_of_weights_alone_is_a_constant(self):
        def build():
            images = tf.placeholder(tf.float32, [None, 2], name="input")
            kernel = tf.get_variable("kernel", [2, 3], use_resource=True)
            doubled = tf.transpose(tf.transpose(2.0 * kernel), name="doubled")
            draw = tf.random.stateless_uniform([3], [1, 2], name="draw")
            tf.add(tf.matmul(images, doubled), draw, name="output")

        kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
        graph_def = freeze_graph_def(build, {"kernel": kernel})
        nodes = {node.name: node for node in graph_def.node}
        assert nodes["doubled"].op == "Const"
        np.testing.assert_array_equal(
            tf.make_ndarray(nodes["doubled"].attr["value"].tensor), 2 * kernel
        )
        assert not {"kernel", "mul"} & set(nodes)
        # A draw is no weight: kept as it is computed.
        assert nodes["draw"].op != "Const"
        output = evaluate(graph_def, np.array([[1.0, 1.0]], np.float32))
        assert (np.floor(output) == [[6, 10, 14]]).all()

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

    def test_another_program_gets_the_same_output(self, tmp_path):
        values = conv_values()
        images = np.random.RandomState(6).uniform(-1, 1, [3, 6, 7, 3]).astype(np.float32)
        np.save(str(tmp_path / "images.npy"), images)
        graph_def = freeze_graph_def(build_conv, values)
        (tmp_path / "model.pb").write_bytes(graph_def.SerializeToString())
        (tmp_path / "reload.py").write_text(RELOAD)
        subprocess.run(
            [sys.executable, "reload.py", "model.pb", "images.npy", "output.npy"],
            cwd=str(tmp_path),
            check=True,
        )
        expected = conv_in_numpy(images, values["generator/kernel"], values["generator/bias"])
        np.testing.assert_allclose(np.load(str(tmp_path / "output.npy")), expected, atol=1e-5)

    def test_its_ends_are_described(self):
        assert describe_ends(freeze_graph_def(build_conv, conv_values())) == {
            "input": {"name": "input:0", "shape": [None, 6, 7, 3], "dtype": "float32"},
            "output": {"name": "output:0", "shape": [None, 6, 7, 2], "dtype": "float32"},
        }
