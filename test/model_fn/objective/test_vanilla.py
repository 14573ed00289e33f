"""Numbers worked out by hand: sigmoid(ln 3) = 3/4, sigmoid(0) = 1/2, sigmoid(-ln 3) = 1/4."""

import collections

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig
from model_fn.networks.patch import Verdict
from model_fn.objective.losses import NetworkLoss
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.terms import Judged

LN_2, LN_3, LN_4 = 0.693147181, 1.098612289, 1.386294361
LN_4_3 = 0.287682072  # -ln(3/4)


DiscriminatorLosses = collections.namedtuple("DiscriminatorLosses", ["total", "real", "fake"])
GeneratorLosses = collections.namedtuple("GeneratorLosses", ["total", "gan", "l1"])


VANILLA = OBJECTIVES["vanilla"]


def verdicts(logits):
    return [Verdict(logits, [])]


def discriminator_losses(real_logits, fake_logits):
    judged = Judged(None, None, None, verdicts(real_logits), verdicts(fake_logits))
    loss = NetworkLoss("discriminator", VANILLA.discriminator_parts(judged, ObjectiveConfig()))
    return DiscriminatorLosses(loss.total, **{part.name: part.value for part in loss.parts})


def generator_losses(fake_logits, fake, target, gan_weight, l1_weight):
    objective = ObjectiveConfig(gan_weight=gan_weight, l1_weight=l1_weight)
    judged = Judged(None, target, fake, None, verdicts(fake_logits))
    loss = NetworkLoss("generator", VANILLA.generator_parts(judged, objective))
    return GeneratorLosses(loss.total, **{part.name: part.value for part in loss.parts})


def logits(*values):
    return tf.constant(np.reshape(values, [1, 1, -1, 1]), tf.float32)


class TestDiscriminator:
    @pytest.mark.parametrize(
        ("real_logit", "fake_logit", "real", "fake"),
        [
            (0.0, 0.0, LN_2, LN_2),
            (LN_3, -LN_3, LN_4_3, LN_4_3),  # Three times out of four right: -ln(3/4).
            (-LN_3, LN_3, LN_4, LN_4),  # Once out of four: -ln(1/4).
            (LN_3, LN_3, LN_4_3, LN_4),
            (0.0, -LN_3, LN_2, LN_4_3),
        ],
    )
    def test_cross_entropy_of_real_as_one_and_fake_as_zero(
        self, evaluate, real_logit, fake_logit, real, fake
    ):
        losses = evaluate(lambda: discriminator_losses(logits(real_logit), logits(fake_logit)))
        np.testing.assert_allclose([losses.real, losses.fake], [real, fake], rtol=1e-6)

    def test_total_is_half_the_sum(self, evaluate):
        losses = evaluate(lambda: discriminator_losses(logits(LN_3), logits(LN_3)))
        # (0.287682072 + 1.386294361) / 2
        assert losses.total == pytest.approx(0.836988216, rel=1e-6)

    def test_each_patch_of_each_picture_counts_the_same(self, evaluate):
        def build():
            real = tf.constant([[[[LN_3], [LN_3]]], [[[0.0], [-LN_3]]]])
            return discriminator_losses(real, tf.zeros([2, 1, 2, 1]))

        losses = evaluate(build)
        # (0.287682072 + 0.287682072 + 0.693147181 + 1.386294361) / 4
        assert losses.real == pytest.approx(0.663701421, rel=1e-6)
        assert losses.fake == pytest.approx(LN_2, rel=1e-6)


class TestGenerator:
    def losses(self, evaluate, logit=0.0, gan_weight=1.0, l1_weight=100.0):
        """The fake differs from the target by 0, 2, -1 and 0.5."""

        def build():
            fake = tf.constant([-1.0, 1.0, 0.0, 0.25], shape=[1, 2, 2, 1])
            target = tf.constant([-1.0, -1.0, 1.0, -0.25], shape=[1, 2, 2, 1])
            return generator_losses(logits(logit), fake, target, gan_weight, l1_weight)

        return evaluate(build)

    @pytest.mark.parametrize(
        ("logit", "gan"), [(0.0, LN_2), (LN_3, LN_4_3), (-LN_3, LN_4), (-20.0, 20.0)]
    )
    def test_gan_is_the_cross_entropy_of_passing_for_real(self, evaluate, logit, gan):
        assert self.losses(evaluate, logit).gan == pytest.approx(gan, rel=1e-6)

    def test_l1_is_the_mean_distance_on_the_scale_of_minus_one_to_one(self, evaluate):
        # (0 + 2 + 1 + 0.5) / 4
        assert self.losses(evaluate).l1 == pytest.approx(0.875, rel=1e-6)

    @pytest.mark.parametrize(
        ("gan_weight", "l1_weight", "total"),
        [
            (1.0, 100.0, 88.193147181),  # ln 2 + 87.5
            (1.0, 0.0, LN_2),
            (0.0, 1.0, 0.875),
            (2.0, 10.0, 10.136294361),  # 2 ln 2 + 8.75
        ],
    )
    def test_total_is_the_weighted_sum(self, evaluate, gan_weight, l1_weight, total):
        losses = self.losses(evaluate, 0.0, gan_weight, l1_weight)
        assert losses.total == pytest.approx(total, rel=1e-6)
        assert losses.gan == pytest.approx(LN_2, rel=1e-6)
        assert losses.l1 == pytest.approx(0.875, rel=1e-6)

    def test_gradient_does_not_fade_when_the_discriminator_is_sure(self, evaluate):
        def build():
            fake_logits, picture = logits(-30.0), tf.zeros([1, 2, 2, 1])
            losses = generator_losses(fake_logits, picture, picture, 1.0, 0.0)
            return tf.gradients(losses.total, fake_logits)

        # sigmoid(-30) - 1; the form that saturates, ln(1 - D), would have -sigmoid(-30) = -1e-13.
        assert float(evaluate(build)[0]) == pytest.approx(-1.0, rel=1e-6)


@pytest.mark.parametrize("size", [1e2, 1e4, 1e30])
def test_large_logits_have_finite_losses_and_gradients(evaluate, size):
    def build():
        right, wrong = logits(size, size), logits(-size, -size)
        picture = tf.zeros([1, 2, 2, 1])
        d_losses = discriminator_losses(wrong, right)
        g_losses = generator_losses(wrong, picture, picture, 1.0, 100.0)
        gradients = tf.gradients(d_losses.total, [wrong, right]) + tf.gradients(
            g_losses.total, [wrong]
        )
        return d_losses, g_losses, discriminator_losses(right, wrong), gradients

    d_wrong, g_wrong, d_right, gradients = evaluate(build)
    # ln(1 + e^size) is size: all of it where the judgement is wrong, nothing where it is right.
    np.testing.assert_allclose(d_wrong, [size, size, size], rtol=1e-6)
    np.testing.assert_allclose(g_wrong, [size, size, 0.0], rtol=1e-6)
    np.testing.assert_allclose(d_right, [0.0, 0.0, 0.0], atol=1e-30)
    # A half, respectively all, of one shared by two patches.
    expected = [[-0.25, -0.25], [0.25, 0.25], [-0.5, -0.5]]
    np.testing.assert_allclose(np.reshape(gradients, [3, 2]), expected, rtol=1e-6)
