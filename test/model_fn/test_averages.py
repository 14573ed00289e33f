"""The generator's moving average: (1 - d) of the weights to d of itself, d = step / (step + 9)."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig, ObjectiveConfig
from model_fn.averages import update_averages
from model_fn.inference import predict, predicting_scope, predicting_variables
from model_fn.step import build_training_step

NETWORK = NetworkConfig(8, 8, 1, 3, 4, 2, unet_depth=2, discriminator_layers=1)


class Averaged:
    """The average of one weight, told when a step was made."""

    def __init__(self, session, decay):
        self._session = session
        with tf.variable_scope("", use_resource=True):
            self._weight = tf.get_variable("weight", [2], initializer=tf.zeros_initializer())
        self._before, self._after = (tf.placeholder(tf.int64, []) for _ in range(2))
        self._update = update_averages([self._weight], decay, self._before, self._after)
        (self._average,) = tf.global_variables("average/")
        session.run(tf.global_variables_initializer())

    def after(self, weights, before, after):
        self._weight.load(weights, self._session)
        self._session.run(self._update, {self._before: before, self._after: after})
        return self._session.run(self._average)


@pytest.fixture
def averaged():
    with tf.Graph().as_default(), tf.Session() as session:
        yield lambda decay=0.999: Averaged(session, decay)


class TestByHand:
    def test_it_begins_as_the_weights_after_the_first_step(self, averaged):
        np.testing.assert_array_equal(averaged().after([5.0, -3.0], 0, 1), [5.0, -3.0])

    def test_then_the_weights_count_less_and_less(self, averaged):
        average = averaged()
        average.after([1.0, -1.0], 0, 1)
        # d = 1/10: 0.1 x 1 + 0.9 x 2
        np.testing.assert_allclose(average.after([2.0, -2.0], 1, 2), [1.9, -1.9], rtol=1e-6)
        # d = 2/11: (2 x 1.9 + 9 x 4) / 11
        np.testing.assert_allclose(
            average.after([4.0, -4.0], 2, 3), [3.6181818, -3.6181818], rtol=1e-6
        )
        # d = 3/12: 3.6181818 / 4 + 3 x 8 / 4
        np.testing.assert_allclose(
            average.after([8.0, -8.0], 3, 4), [6.9045455, -6.9045455], rtol=1e-6
        )

    def test_at_most_the_decay_is_kept(self, averaged):
        average = averaged(decay=0.15)
        average.after([1.0, 1.0], 0, 1)
        np.testing.assert_allclose(average.after([2.0, 2.0], 1, 2), 1.9, rtol=1e-6)
        # 0.15 is less than 2/11: 0.15 x 1.9 + 0.85 x 4
        np.testing.assert_allclose(average.after([4.0, 4.0], 2, 3), 3.685, rtol=1e-6)
        # 0.15 x 3.685 + 0.85 x 4
        np.testing.assert_allclose(average.after([4.0, 4.0], 1000, 1001), 3.95275, rtol=1e-6)

    def test_late_it_is_the_decay_that_is_kept(self, averaged):
        average = averaged(decay=0.999)
        average.after([1.0, 1.0], 0, 1)
        # 99991 / 100000 is more than 0.999: 0.999 x 1 + 0.001 x 11
        np.testing.assert_allclose(average.after([11.0, 11.0], 99_991, 99_992), 1.01, rtol=1e-6)

    def test_a_step_that_was_skipped_leaves_it(self, averaged):
        average = averaged()
        average.after([1.0, 1.0], 0, 1)
        before = average.after([2.0, 2.0], 1, 2)
        np.testing.assert_array_equal(average.after([9.0, 9.0], 2, 2), before)

    def test_it_begins_with_the_first_step_that_was_not_skipped(self, averaged):
        average = averaged()
        np.testing.assert_array_equal(average.after([7.0, 7.0], 0, 0), [0.0, 0.0])
        np.testing.assert_array_equal(average.after([3.0, 3.0], 0, 1), [3.0, 3.0])


class TestInTraining:
    @pytest.fixture(scope="class")
    def history(self, make_device, pictures):
        """Weights and averages after each of three steps."""
        objective = ObjectiveConfig(average_decay=0.999, learning_rate=0.05)
        with tf.Graph().as_default(), tf.Session() as session:
            x, y = (tf.constant(pictures(2, 8, 8, n, seed=n)) for n in (1, 3))
            step = build_training_step(
                x, y, NETWORK, objective, make_device(), tf.train.get_or_create_global_step()
            )
            session.run(tf.global_variables_initializer())
            variables = {one.op.name: one.read_value() for one in tf.global_variables()}
            rows = []
            for _ in range(3):
                session.run(step.train_op)
                rows.append(session.run(variables))
            trainable = [one.op.name for one in tf.trainable_variables()]
        return rows, trainable

    def test_there_is_one_for_each_of_the_generators_weights_and_none_is_trained(self, history):
        rows, trainable = history
        averages = {name for name in rows[0] if name.startswith("average/")}
        assert averages == {f"average/{name}" for name in trainable if "generator/" in name}
        assert not averages & set(trainable)

    def test_averages_are_of_the_weights_after_the_steps(self, history):
        rows, trainable = history
        for name in trainable:
            if name.startswith("generator/"):
                weights = [np.float64(row[name]) for row in rows]
                second = 0.1 * weights[0] + 0.9 * weights[1]
                third = 2 / 11 * second + 9 / 11 * weights[2]
                for row, wanted in zip(rows, [weights[0], second, third]):
                    np.testing.assert_allclose(row[f"average/{name}"], wanted, rtol=1e-5, atol=1e-6)

    def test_the_first_is_the_weights_to_the_bit(self, history):
        (first, *_), trainable = history
        for name in trainable:
            if name.startswith("generator/"):
                np.testing.assert_array_equal(first[f"average/{name}"], first[name])


@pytest.mark.parametrize("name", ["vanilla", "none"])
def test_the_steps_made_before_are_read_before_the_step_is_counted(make_device, name):
    """Else a step might look like one that was skipped."""
    objective = ObjectiveConfig(name=name, average_decay=0.999)
    with tf.Graph().as_default() as graph:
        x, y = tf.zeros([2, 8, 8, 1]), tf.zeros([2, 8, 8, 3])
        step = tf.train.get_or_create_global_step()
        build_training_step(x, y, NETWORK, objective, make_device(), step)
        operations = graph.get_operations()
    (counted,) = [one for one in operations if one.type == "AssignAddVariableOp"]
    before, waiting = set(), [counted]
    while waiting:
        operation = waiting.pop()
        if operation not in before:
            before.add(operation)
            waiting += [one.op for one in operation.inputs] + list(operation.control_inputs)
    reads = [one for one in before if one.type == "ReadVariableOp"]
    assert "global_step" in [one.inputs[0].op.name for one in reads]


class TestPrediction:
    @pytest.fixture
    def picture(self, pictures):
        """What is predicted with weights of the scope that predictions are made by."""

        def run(weights, load_into, **fields):
            objective = ObjectiveConfig(test_dropout=False, **fields)
            with tf.Graph().as_default(), tf.Session() as session:
                output = predict(tf.constant(pictures(2, 8, 8, 1)), NETWORK, objective)
                assert predicting_scope(objective) == load_into + "generator/"
                variables = predicting_variables(objective)
                assert variables == tf.global_variables()
                for variable in variables:
                    variable.load(weights[variable.op.name], session)
                return session.run(output)

        return run

    @pytest.fixture(scope="class")
    def weights(self):
        """Random ones, those of the average different from the others."""
        with tf.Graph().as_default():
            predict(tf.zeros([1, 8, 8, 1]), NETWORK, ObjectiveConfig())
            shapes = {one.op.name: one.shape.as_list() for one in tf.global_variables()}
        random = np.random.RandomState(0)
        return {
            prefix + name: random.normal(0, 0.5, shape)
            for prefix in ("", "average/")
            for name, shape in shapes.items()
        }

    def test_is_by_the_average_if_there_is_one(self, picture, weights):
        by_average = picture(weights, "average/", average_decay=0.999)
        renamed = {
            name[len("average/") :]: value for name, value in weights.items() if "average/" in name
        }
        np.testing.assert_array_equal(by_average, picture(renamed, ""))
        assert np.abs(by_average - picture(weights, "")).max() > 0.1

    def test_is_by_the_plain_weights_if_so_told(self, picture, weights):
        plain = picture(weights, "", average_decay=0.999, predicts_by_average=False)
        np.testing.assert_array_equal(plain, picture(weights, ""))
