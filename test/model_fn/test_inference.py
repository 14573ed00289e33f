import dataclasses
import functools

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig, build_inference_graph
from model_fn.inference import predict

WITHOUT = ObjectiveConfig(test_dropout=False)
WITH = ObjectiveConfig(test_dropout=True)


@pytest.fixture(scope="module")
def translator(network, load_weights):
    """Makes, in a graph of its own, a predictor of a batch with known weights."""
    sessions = []

    def make(objective):
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [None, 32, 32, 1])
            output = predict(x, network, objective)
            sessions.append(tf.Session(graph=graph))
            load_weights(sessions[-1])
        return functools.partial(translate_batch, sessions[-1], x, output)

    yield make
    for session in sessions:
        session.close()


def translate_batch(session, x, output, batch):
    return session.run(output, {x: batch})


@pytest.fixture(scope="module")
def translate(translator):
    """Predicts a batch; each objective has its graph."""
    translators = {}

    def run(x, objective):
        if objective not in translators:
            translators[objective] = translator(objective)
        return translators[objective](x)

    return run


@pytest.fixture(scope="module")
def batch(pictures):
    """Three pictures of different brightness and contrast."""
    noise = pictures(3, 32, 32, 1)
    return noise * np.float32([1.0, 0.3, 0.1]).reshape(3, 1, 1, 1) + np.float32(0.2)


class TestPrediction:
    @pytest.mark.parametrize("objective", [WITHOUT, WITH])
    def test_does_not_depend_on_the_pictures_beside_it(self, translate, batch, objective):
        together = translate(batch, objective)
        backwards = translate(batch[::-1], objective)[::-1]
        for number in range(len(batch)):
            alone = translate(batch[number : number + 1], objective)[0]
            np.testing.assert_allclose(together[number], alone, atol=1e-4)
            np.testing.assert_allclose(backwards[number], alone, atol=1e-4)

    def test_without_dropout_is_the_network_of_each_picture_in_float64(
        self, known_network, evaluate, reference, network, batch
    ):
        build = lambda: predict(tf.constant(batch), network, WITHOUT)  # noqa: E731
        with known_network(build) as (session, output, weights):
            values = session.run(output)
        x = batch.astype(np.float64)
        wanted = evaluate(
            lambda: [
                reference.generator(weights, x[number : number + 1], 5, [0, 1, 2])
                for number in range(len(batch))
            ]
        )
        np.testing.assert_allclose(values, np.concatenate(wanted), atol=1e-4)

    def test_differs_with_dropout(self, translate, batch):
        with_dropout, without = translate(batch, WITH), translate(batch, WITHOUT)
        assert np.mean(np.abs(with_dropout - without)) > 0.05

    def test_with_dropout_follows_from_the_seed(self, translate, translator, batch):
        first, again = translate(batch, WITH), translate(batch, WITH)
        np.testing.assert_array_equal(first, again)
        np.testing.assert_array_equal(first, translator(WITH)(batch))
        other = translate(batch, dataclasses.replace(WITH, seed=WITH.seed + 1))
        assert np.mean(np.abs(first - other)) > 0.05

    def test_without_dropout_does_not_depend_on_the_seed(self, translate, batch):
        first = translate(batch, dataclasses.replace(WITHOUT, seed=1))
        np.testing.assert_array_equal(first, translate(batch, WITHOUT))

    @pytest.mark.parametrize("objective", [WITHOUT, WITH])
    def test_is_a_picture_in_minus_one_to_one(self, translate, batch, objective):
        values = translate(50.0 * batch, objective)
        assert values.shape == (3, 32, 32, 3)
        assert values.dtype == np.float32
        # TensorFlow's tanh may round to the number after 1.
        assert np.max(np.abs(values)) <= 1.000001


class TestInferenceGraph:
    def build(self, network, objective, **options):
        graph = tf.Graph()
        with graph.as_default():
            build_inference_graph(network, objective, **options)
        return graph

    @pytest.mark.parametrize(
        ("options", "batch_size"),
        [({}, 1), ({"batch_size": 4}, 4), ({"batch_size": None}, None)],
    )
    def test_has_an_input_and_an_output_of_the_batch_size_asked_for(
        self, network, options, batch_size
    ):
        graph = self.build(network, WITHOUT, **options)
        ends = [graph.get_tensor_by_name(name) for name in ("input:0", "output:0")]
        assert [end.shape.as_list() for end in ends] == [
            [batch_size, 32, 32, 1],
            [batch_size, 32, 32, 3],
        ]
        assert [end.dtype for end in ends] == [tf.float32, tf.float32]
        assert graph.get_operation_by_name("input").type == "Placeholder"

    def test_has_the_generators_variables_and_no_others(self, network):
        graph = self.build(network, WITHOUT)
        names = [variable.op.name for variable in graph.get_collection("variables")]
        assert len(names) == 34  # Two for each of 10 layers, two more for each of 7 norms.
        assert all(name.startswith("generator/") for name in names)

    @pytest.mark.parametrize("objective", [WITHOUT, WITH])
    def test_output_needs_no_random_operation_nor_a_shape_computed_at_run_time(
        self, network, objective
    ):
        graph_def = self.build(network, objective).as_graph_def()
        needed = tf.graph_util.extract_sub_graph(graph_def, ["output"])
        types = {node.op for node in needed.node}
        assert "Conv2DBackpropInput" in types
        assert not {one for one in types if "Random" in one or "Shape" in one or "Pack" in one}

    @pytest.mark.parametrize("objective", [WITHOUT, WITH])
    def test_translates_as_a_prediction_does(
        self, translate, load_weights, network, batch, objective
    ):
        graph = self.build(network, objective, batch_size=None)
        with graph.as_default(), tf.Session() as session:
            load_weights(session)
            output = session.run("output:0", {"input:0": batch})
        np.testing.assert_allclose(output, translate(batch, objective), atol=1e-5)


@pytest.mark.parametrize(
    "parts",
    [
        {"generator": "unet"},
        {"generator": "unet", "separable": True},
        {"generator": "unet", "upsampling": "resize"},
        {"generator": "resnet_6"},
        {"generator": "resnet_6", "upsampling": "resize"},
        {"generator": "local"},
    ],
    ids=lambda parts: "-".join(map(str, parts.values())),
)
def test_in_bfloat16_all_convolutions_are_and_the_rest_is_float32(
    network, known_network, parts, batch
):
    network = dataclasses.replace(network, height=64, width=64, **parts)
    x = np.tile(batch, (1, 2, 2, 1))
    outputs = []
    for dtype in (tf.float32, tf.bfloat16):
        build = lambda: predict(tf.constant(x), network, WITHOUT, dtype=dtype)  # noqa: B023, E731
        with known_network(build, deviation=0.05) as (session, output, _):
            outputs.append(session.run(output))
            operations = session.graph.get_operations()
            types = {
                operation.get_attr("T") for operation in operations if "Conv2" in operation.type
            }
            assert types == {dtype}
            assert all(
                each.get_attr("T") == tf.float32 for each in operations if "Rsqrt" in each.type
            )
            variables = tf.trainable_variables()
            assert {variable.dtype.base_dtype for variable in variables} == {tf.float32}
    float32, bfloat16 = outputs
    assert bfloat16.dtype == np.float32
    assert (float32 != bfloat16).any()
    # Of numbers of 8 bits, through up to 20 layers of random weights, each with its norm.
    assert np.corrcoef(float32.ravel(), bfloat16.ravel())[0, 1] > 0.95
