"""Objectives beside the paper's against numbers worked out by hand."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig
from model_fn.networks.patch import Verdict
from model_fn.objective.losses import NetworkLoss, record_of
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.terms import Judged

# The maps of logits of one scale: their losses are means over these.
REAL, FAKE = [3.0, 0.5, -1.0, 1.0], [-3.0, 0.5, 2.0, 0.0]


def verdicts(*scales):
    return [Verdict(tf.constant(np.reshape(one, [1, -1, 1, 1]), tf.float32), []) for one in scales]


def of_discriminator(name, real, fake):
    """(total, dict of the terms)."""
    objective = OBJECTIVES[name]
    judged = Judged(None, None, None, verdicts(*real), verdicts(*fake))
    # The penalty has tests of its own.
    kept = {**objective.discriminator_parts.keywords, "has_penalty": False}
    parts = objective.discriminator_parts.func(judged, ObjectiveConfig(name=name), **kept)
    loss = NetworkLoss("discriminator", parts)
    return loss.total, {part.name: part.value for part in loss.parts}


def of_generator(name, fake, **weights):
    """Likewise; the picture is off by 0.5 everywhere."""
    picture = tf.fill([1, 2, 2, 1], 0.5)
    judged = Judged(None, tf.zeros([1, 2, 2, 1]), picture, None, verdicts(*fake))
    config = ObjectiveConfig(name=name, **weights)
    loss = NetworkLoss("generator", OBJECTIVES[name].generator_parts(judged, config))
    return loss.total, {part.name: part.value for part in loss.parts}


@pytest.mark.parametrize(
    ("name", "real", "fake", "total"),
    [
        # Real (4 + 0.25 + 4 + 0) / 4, fake (9 + 0.25 + 4 + 0) / 4, of both a half.
        ("lsgan", 2.0625, 3.3125, 2.6875),
        # Real (0 + 0.5 + 2 + 0) / 4, fake (0 + 1.5 + 3 + 1) / 4, and both.
        ("hinge", 0.625, 1.375, 2.0),
        # Real -(3 + 0.5 - 1 + 1) / 4, fake (-3 + 0.5 + 2 + 0) / 4, and both.
        ("wgangp", -0.875, -0.125, -1.0),
    ],
)
def test_discriminator(evaluate, name, real, fake, total):
    found, terms = evaluate(lambda: of_discriminator(name, [REAL], [FAKE]))
    assert terms == {"real": pytest.approx(real), "fake": pytest.approx(fake)}
    assert found == pytest.approx(total)


@pytest.mark.parametrize(
    ("name", "gan"),
    [
        ("lsgan", 4.5625),  # FAKE - 1 is -4, -0.5, 1, -1: (16 + 0.25 + 1 + 1) / 4.
        ("hinge", 0.125),  # -(-3 + 0.5 + 2 + 0) / 4
        ("wgangp", 0.125),
    ],
)
def test_generator(evaluate, name, gan):
    total, terms = evaluate(lambda: of_generator(name, [FAKE], gan_weight=2.0, l1_weight=10.0))
    assert terms == {"gan": pytest.approx(gan), "l1": pytest.approx(0.5)}
    assert total == pytest.approx(2.0 * gan + 5.0)


def test_scales_count_the_same_whatever_their_size(evaluate):
    # Real: (2 - 1)^2 = 1 and (0 + 4) / 2 = 2; fake: 9 and (1 + 0) / 2 = 0.5.
    real, fake = [[2.0], [1.0, 3.0]], [[3.0], [1.0, 0.0]]
    total, terms = evaluate(lambda: of_discriminator("lsgan", real, fake))
    assert terms == {"real": pytest.approx(1.5), "fake": pytest.approx(4.75)}
    assert total == pytest.approx(3.125)
    # -(3 + (1 + 0) / 2) / 2
    _, terms = evaluate(lambda: of_generator("hinge", [[3.0], [1.0, 0.0]]))
    assert terms["gan"] == pytest.approx(-1.75)


@pytest.mark.parametrize("name", ["vanilla", "lsgan", "hinge", "wgangp"])
def test_gradients_lead_real_up_fake_down_and_the_generators_up(evaluate, name):
    def build():
        logits = tf.fill([1, 1, 1, 1], 0.5)
        game = OBJECTIVES[name].discriminator_parts.keywords["game"]
        losses = [game.real([logits]), game.fake([logits]), game.fool([logits])]
        return [tf.gradients(loss, logits)[0] for loss in losses]

    real, fake, fool = evaluate(build)
    assert real < 0 < fake
    assert fool < 0


class TestWithoutDiscriminator:
    def losses(self, **weights):
        judged = Judged(None, tf.zeros([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], 0.5))
        parts = OBJECTIVES["none"].generator_parts(judged, ObjectiveConfig(name="none", **weights))
        return NetworkLoss("generator", parts)

    def test_the_distance_alone_is_left(self, evaluate):
        assert OBJECTIVES["none"].discriminator_parts is None

        def build():
            loss = self.losses(l1_weight=100.0)
            return {term.name: term.value for term in record_of([loss])}

        assert evaluate(build) == {"g_loss": pytest.approx(50.0), "g_l1": pytest.approx(0.5)}
