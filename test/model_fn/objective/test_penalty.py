"""WGAN-GP's penalty by hand, and the second derivatives in its loss against differences."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import BY_PRODUCTS, PLAIN, NetworkConfig, ObjectiveConfig
from model_fn.networks.patch import discriminator
from model_fn.objective.adversarial import gradient_penalty, mixing_at
from model_fn.objective.losses import NetworkLoss
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.terms import Judged
from model_fn.step import build_training_step


def column(*values):
    """Pictures of one pixel."""
    return tf.constant(np.reshape(values, [-1, 1, 1, 1]), tf.float32)


class TestByHand:
    def test_slope_of_a_linear_judge_is_the_length_of_its_weights(self, evaluate, pictures):
        # Weights 2, -1, 2 and nothing else: length 3, whatever the pictures.
        weights = np.float32([2.0, -1.0, 2.0])

        def build():
            judge = lambda y: [tf.reduce_sum(weights * y, -1, keepdims=True)]  # noqa: E731
            y, fake = (tf.constant(pictures(2, 1, 1, 3, seed=seed)) for seed in (1, 2))
            return gradient_penalty(judge, y, fake, column(0.3, 0.8))

        assert evaluate(build) == pytest.approx((3.0 - 1.0) ** 2, rel=1e-5)

    def test_slope_is_that_of_a_pictures_mean_logit(self, evaluate, pictures):
        # Four logits of slope 6 at a pixel each: (6 / 4) sqrt(4) = 3.
        def build():
            y, fake = (tf.constant(pictures(2, 2, 2, 1, seed=seed)) for seed in (1, 2))
            return gradient_penalty(lambda y: [6.0 * y], y, fake, column(0.3, 0.8))

        assert evaluate(build) == pytest.approx(4.0, rel=1e-5)

    def test_pictures_are_judged_between_real_and_fake(self, evaluate):
        # Of y^2 the slope is 2 y: real 2 and fake 0 a quarter of the way to real are 0.5, slope 1;
        # real -1 and fake 3 half way are 1, slope 2; real 5 and fake 0 all the way, slope 10.
        def build():
            y, fake = column(2.0, -1.0, 5.0), column(0.0, 3.0, 0.0)
            return gradient_penalty(lambda y: [y**2], y, fake, column(0.25, 0.5, 1.0))

        assert evaluate(build) == pytest.approx((0.0 + 1.0 + 81.0) / 3, rel=1e-5)

    def test_scales_count_the_same(self, evaluate):
        # Slopes 3 and -2.
        def build():
            judge = lambda y: [3.0 * y, -2.0 * y]  # noqa: E731
            return gradient_penalty(judge, column(1.0), column(0.0), column(0.5))

        assert evaluate(build) == pytest.approx((4.0 + 1.0) / 2, rel=1e-5)

    def test_a_judge_without_a_slope_has_a_finite_gradient(self, evaluate):
        def build():
            weight = tf.constant(0.0)
            penalty = gradient_penalty(lambda y: [weight * y], column(1.0), column(0.0), column(0))
            return penalty, tf.gradients(penalty, weight)[0]

        penalty, gradient = evaluate(build)
        assert penalty == pytest.approx(1.0, abs=1e-5)
        assert np.isfinite(gradient)

    def test_it_is_a_term_of_weight_10(self, evaluate):
        def build():
            judge = lambda y: [3.0 * y]  # noqa: E731
            verdicts = discriminator(
                tf.zeros([1, 32, 32, 1]), tf.zeros([1, 32, 32, 1]), NetworkConfig(32, 32, 1, 1)
            )
            judged = Judged(None, column(1.0), column(0.0), verdicts, verdicts, judge, column(0.5))
            parts = OBJECTIVES["wgangp"].discriminator_parts(judged, ObjectiveConfig())
            loss = NetworkLoss("discriminator", parts)
            return [part.name for part in parts], loss.total

        with tf.Graph().as_default(), tf.Session() as session:
            names, total = build()
            session.run(tf.global_variables_initializer())
            assert names == ["real", "fake", "penalty"]
            # Real and fake are the same and cancel out: 10 (3 - 1)^2.
            assert session.run(total) == pytest.approx(40.0, rel=1e-5)


def loss_in_float64(network, x, y, fake, mixing):
    """The loss of a new discriminator, whose gradients are tested below."""

    def judge(y):
        with tf.variable_scope("", dtype=tf.float64, reuse=tf.AUTO_REUSE):
            return discriminator(x, y, network)

    x, y, fake, mixing = (tf.constant(one, tf.float64) for one in (x, y, fake, mixing))
    logits_of = lambda y: [one.logits for one in judge(y)]  # noqa: E731
    judged = Judged(x, y, fake, judge(y), judge(fake), logits_of, mixing)
    parts = OBJECTIVES["wgangp"].discriminator_parts(judged, ObjectiveConfig())
    return NetworkLoss("discriminator", parts).total


@pytest.mark.parametrize("norm", ["none", "instance"])
def test_gradients_of_the_loss_are_its_central_differences(pictures, norm):
    """For every fifth of a tiny network's weights, in float64."""
    network = NetworkConfig(32, 32, 1, 1, 1, 2, discriminator_layers=1, norm=norm)
    batch = [pictures(2, 8, 8, 1, seed=seed) for seed in (1, 2, 3)]
    with tf.Graph().as_default(), tf.Session() as session:
        loss = loss_in_float64(network, *batch, mixing=np.reshape([0.3, 0.8], [2, 1, 1, 1]))
        variables = tf.trainable_variables()
        gradients = tf.gradients(loss, variables)
        random = np.random.RandomState(5)
        values = [random.normal(0, 0.5, one.shape.as_list()) for one in variables]
        for variable, value in zip(variables, values):
            variable.load(value, session)
        step = 1e-6
        for variable, value, gradient in zip(variables, values, session.run(gradients)):
            assert gradient.dtype == np.float64
            for place in list(np.ndindex(*value.shape))[::5]:
                losses = []
                for moved in (step, -step):
                    other = value.copy()
                    other[place] += moved
                    variable.load(other, session)
                    losses.append(session.run(loss))
                variable.load(value, session)
                slope = (losses[0] - losses[1]) / (2 * step)
                assert gradient[place] == pytest.approx(slope, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("operations", [PLAIN, BY_PRODUCTS], ids=["plain", "by products"])
def test_a_step_by_a_devices_operations_has_the_gradients_of_the_loss(
    make_device, load_weights, pictures, operations
):
    """With filters enough for matrix products."""
    network = NetworkConfig(
        8, 8, 3, 3, 2, 16, unet_depth=2, discriminator_layers=1, norm="instance"
    )
    objective, device = (
        ObjectiveConfig(name="wgangp", beta1=0.5),
        make_device(operations=operations),
    )
    x, y = (pictures(2, 8, 8, 3, seed=seed) for seed in (1, 2))
    with tf.Graph().as_default() as graph, tf.Session() as session:
        global_step = tf.train.get_or_create_global_step()
        step = build_training_step(
            tf.constant(x), tf.constant(y), network, objective, device, global_step
        )
        session.run(tf.global_variables_initializer())
        weights = load_weights(session)
        fake, total, _ = session.run([step.fake, step.totals["discriminator"], step.train_op])
        moment = "discriminator_optimizer/{}/Adam/Read/ReadVariableOp:0"
        names = [one.op.name for one in tf.trainable_variables("discriminator/")]
        moments = session.run([graph.get_tensor_by_name(moment.format(name)) for name in names])
    with tf.Graph().as_default(), tf.Session() as session:
        # The fractions of 0 and 1 times 20251 / 2^15.
        mixing = np.reshape([0.0, 20251 / 2**15], [2, 1, 1, 1])
        loss = loss_in_float64(network, x, y, fake, mixing)
        gradients = tf.gradients(loss, tf.trainable_variables())
        assert [one.op.name for one in tf.trainable_variables()] == names
        for variable in tf.trainable_variables():
            variable.load(weights[variable.op.name], session)
        wanted_total, wanted = session.run([loss, gradients])
    assert total == pytest.approx(wanted_total, rel=1e-4)
    for name, found, gradient in zip(names, moments, wanted):
        # Adam's first moment is at first half the gradient. A bias before a norm has none.
        scale = max(np.abs(gradient).max(), 1.0)
        np.testing.assert_allclose(found / 0.5 / scale, gradient / scale, atol=1e-3, err_msg=name)


class TestMixing:
    PERIOD = 2**15

    def run(self, evaluate, steps, batch_size):
        build = lambda: [  # noqa: E731
            mixing_at(tf.constant(step, tf.int64), batch_size) for step in steps
        ]
        return np.stack(evaluate(build))

    def test_each_fraction_comes_once_in_a_period(self, evaluate):
        values = self.run(evaluate, [0], self.PERIOD).ravel()
        assert sorted(values) == [number / self.PERIOD for number in range(self.PERIOD)]

    def test_it_goes_on_from_step_to_step(self, evaluate):
        whole = self.run(evaluate, [0], 24).ravel()
        by_steps = self.run(evaluate, range(8), 3)
        assert by_steps.shape == (8, 3, 1, 1, 1)
        np.testing.assert_array_equal(by_steps.ravel(), whole)

    def test_it_follows_from_the_step_however_large(self, evaluate):
        steps = [5, 5, self.PERIOD + 5, 1000 * self.PERIOD + 5, 10**9]
        values = self.run(evaluate, steps, 4)
        for same in values[1:4]:
            np.testing.assert_array_equal(same, values[0])
        assert ((values >= 0) & (values < 1)).all()

    def test_some_steps_alone_fill_the_range_evenly(self, evaluate):
        # Of 64 numbers each eighth of the range has 8 or about that.
        counts, _ = np.histogram(self.run(evaluate, range(100, 164), 1), 8, (0, 1))
        assert 7 <= counts.min() <= counts.max() <= 9
