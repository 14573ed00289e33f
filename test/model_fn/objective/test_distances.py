"""Distances beside L1, by hand."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig
from model_fn.networks.patch import Verdict
from model_fn.objective.losses import NetworkLoss
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.terms import Judged, cross_entropy, edge_distance, feature_distance


def features(*layers):
    return Verdict(None, [tf.constant(one, tf.float32, [1, 1, len(one), 1]) for one in layers])


def judged(real, fake):
    return Judged(None, None, None, real, fake)


class TestFeatureDistance:
    def test_is_four_times_the_mean_over_the_layers(self, evaluate):
        # Layers: (1 + 3) / 2 = 2, and 0.5: 4 (2 + 0.5) / 2.
        real, fake = ([1.0, 2.0], [0.5]), ([0.0, 5.0], [1.0])
        value = evaluate(lambda: feature_distance(judged([features(*real)], [features(*fake)])))
        assert value == pytest.approx(5.0)

    def test_scales_count_the_same(self, evaluate):
        # 4 (1 + 2) / 2 = 6 and 4 x 3 / 1 = 12.
        def build():
            real = [features([0.0], [0.0, 0.0]), features([0.0])]
            fake = [features([1.0], [-1.0, 3.0]), features([-3.0])]
            return feature_distance(judged(real, fake))

        assert evaluate(build) == pytest.approx(9.0)

    def test_what_real_pictures_give_is_constant(self, evaluate):
        def build():
            one, other = tf.constant([[[[1.0, 2.0]]]]), tf.constant([[[[3.0, 1.0]]]])
            value = feature_distance(judged([Verdict(None, [one])], [Verdict(None, [other])]))
            by_real, by_fake = tf.gradients(value, [one, other])
            assert by_real is None
            return by_fake

        # Four, shared by two numbers, towards the real ones.
        np.testing.assert_allclose(evaluate(build)[0, 0, 0], [2.0, -2.0])


class TestEdgeDistance:
    def value(self, evaluate, target, fake):
        def build():
            shape = [1, len(target), len(target[0]), 1]
            y, picture = (tf.constant(one, tf.float32, shape) for one in (target, fake))
            return edge_distance(Judged(None, y, picture))

        return evaluate(build)

    def test_is_that_of_neighbours_in_rows_and_in_columns(self, evaluate):
        # The error is [[0, 1, 3], [2, 2, 2]]: in rows |1|, |2|, |0|, |0|, mean 0.75; in columns
        # |2|, |1|, |-1|, mean 4/3.
        value = self.value(evaluate, [[0, 1, 3], [2, 2, 2]], [[0, 0, 0], [0, 0, 0]])
        assert value == pytest.approx(0.75 + 4 / 3)

    def test_it_is_the_edges_difference_that_counts(self, evaluate):
        # A step of 2 in the target, of -1 in the picture, each in a column of its own.
        value = self.value(evaluate, [[0, 2, 2]] * 2, [[1, 1, 0]] * 2)
        assert value == pytest.approx((2 + 1) / 2)

    def test_another_brightness_is_no_distance(self, evaluate):
        assert self.value(evaluate, [[0, 1], [2, 5]], [[3, 4], [5, 8]]) == 0.0


def test_both_are_terms_of_the_generators_loss_with_their_weights(evaluate):
    config = ObjectiveConfig(gan_weight=1.0, l1_weight=2.0, feature_weight=3.0, edge_weight=5.0)

    def build():
        y, fake = tf.constant([[[[0.0]], [[1.0]]], [[[2.0]], [[3.0]]]]), tf.zeros([2, 2, 1, 1])
        logits = tf.zeros([1, 1, 1, 1])
        real = [Verdict(logits, [tf.ones([1, 1, 1, 1])])]
        judgement = [Verdict(logits, [tf.fill([1, 1, 1, 1], 3.0)])]
        y, fake = tf.reshape(y, [1, 2, 2, 1]), tf.reshape(fake, [1, 2, 2, 1])
        parts = OBJECTIVES["hinge"].generator_parts(Judged(None, y, fake, real, judgement), config)
        loss = NetworkLoss("generator", parts)
        return loss.total, {part.name: part.value for part in loss.parts}

    total, terms = evaluate(build)
    # Error [[0, 1], [2, 3]]: in rows 1, in columns 2.
    assert terms == {"gan": 0.0, "l1": 1.5, "feat": pytest.approx(8.0), "edge": 3.0}
    assert total == pytest.approx(2 * 1.5 + 3 * 8 + 5 * 3)


class TestCrossEntropy:
    def test_is_the_mean_of_what_the_right_classes_lack(self, evaluate):
        random = np.random.RandomState(0)
        shares, classes = random.dirichlet([1.0, 1.0, 1.0], 12), random.randint(0, 3, 12)

        def build():
            y = tf.reshape(tf.one_hot(classes, 3), [2, 2, 3, 3])
            fake = tf.reshape(tf.constant(shares, tf.float32), [2, 2, 3, 3])
            return cross_entropy(Judged(None, y, fake))

        expected = -np.mean([np.log(share[right]) for share, right in zip(shares, classes)])
        assert evaluate(build) == pytest.approx(expected, rel=1e-4)

    def test_by_hand_and_pixels_of_no_class_add_nothing(self, evaluate):
        # -(log 0.5 + log 0.25 + 0 + 0) / 4.
        def build():
            y = tf.constant([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
            shares = tf.constant([[0.5, 0.5], [0.75, 0.25], [0.9, 0.1], [1.0, 0.0]])
            return cross_entropy(Judged(None, y[None, None], shares[None, None]))

        assert evaluate(build) == pytest.approx(3 * np.log(2.0) / 4, abs=1e-5)

    def test_of_a_pixel_that_is_sure_of_a_wrong_class_it_is_finite(self, evaluate):
        def build():
            logits = tf.constant([[[[60.0, -60.0]]]])
            value = cross_entropy(
                Judged(None, tf.constant([[[[0.0, 1.0]]]]), tf.nn.softmax(logits))
            )
            return [value, tf.gradients(value, logits)[0]]

        value, gradient = evaluate(build)
        assert value == pytest.approx(-np.log(1e-6), rel=1e-3)
        assert np.isfinite(gradient).all()

    def test_it_stands_in_the_place_of_l1(self, evaluate):
        config = ObjectiveConfig(l1_weight=2.0, distance="ce")

        def build():
            y, shares = tf.constant([[[[1.0, 0.0]]]]), tf.constant([[[[0.5, 0.5]]]])
            parts = OBJECTIVES["none"].generator_parts(Judged(None, y, shares), config)
            return NetworkLoss("generator", parts).total, {part.name: part.value for part in parts}

        total, terms = evaluate(build)
        assert terms == {"ce": pytest.approx(np.log(2.0), rel=1e-5)}
        assert total == pytest.approx(2 * np.log(2.0), rel=1e-5)


@pytest.mark.parametrize(("steps_before", "weight"), [(0, 0.0), (9, 0.0), (10, 3.0), (11, 3.0)])
def test_the_gan_counts_after_so_many_steps(evaluate, steps_before, weight):
    config = ObjectiveConfig(gan_weight=3.0, l1_weight=0.0, gan_after=10)

    def build():
        picture, logits = tf.zeros([1, 1, 1, 1]), tf.zeros([1, 1, 1, 1])
        verdicts = [Verdict(logits, [])]
        judged = Judged(
            None, picture, picture, None, verdicts, steps_before=tf.constant(steps_before)
        )
        return NetworkLoss("g", OBJECTIVES["vanilla"].generator_parts(judged, config)).total

    # -log 1/2 of a logit of 0.
    assert evaluate(build) == pytest.approx(weight * np.log(2.0))
