"""Pixels that do not count have no share in losses, gradients and scores."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig
from model_fn.masking import masked, weighted_mean
from model_fn.metrics import image_metrics, picture_scores
from model_fn.objective.terms import Judged, edge_distance, l1_distance
from model_fn.step import build_training_step


@pytest.fixture(scope="module")
def weights():
    """Of two pictures of 32x32: the left half counts, a part of it by half."""
    weights = np.zeros([2, 32, 32, 1], np.float32)
    weights[:, :, :16] = 1.0
    weights[1, :8, :16] = 0.5
    return weights


VALUES = np.array([[[[1.0, 3.0], [5.0, 7.0], [100.0, 200.0]]]], np.float32)
WEIGHTS = np.array([[[[1.0], [0.5], [0.0]]]], np.float32)


class TestByHand:
    def test_a_mean_is_that_of_what_counts(self, evaluate):
        # (1 + 3 + 0.5 * 5 + 0.5 * 7) / 3
        mean = evaluate(lambda: weighted_mean(tf.constant(VALUES), tf.constant(WEIGHTS)))
        assert mean == pytest.approx(10 / 3)

    def test_of_nothing_it_is_nothing(self, evaluate):
        nothing = np.zeros_like(WEIGHTS)
        assert evaluate(lambda: weighted_mean(tf.constant(VALUES), tf.constant(nothing))) == 0

    def test_masking_leaves_what_counts_a_little(self, evaluate):
        found = evaluate(lambda: masked(tf.constant(VALUES), tf.constant(WEIGHTS)))
        np.testing.assert_array_equal(found, [[[[1, 3], [5, 7], [0, 0]]]])

    def test_l1_is_that_of_what_counts(self, evaluate):
        def distance():
            y, weights = tf.constant(VALUES), tf.constant(WEIGHTS)
            return l1_distance(Judged(None, y, tf.zeros_like(y), weights=weights))

        assert evaluate(distance) == pytest.approx(10 / 3)

    def test_neighbours_count_as_the_lesser_of_them(self, evaluate):
        y = np.array([[[[0.0], [4.0], [9.0]], [[2.0], [4.0], [0.0]]]], np.float32)
        weights = np.array([[[[1.0], [1.0], [0.0]], [[1.0], [0.5], [0.0]]]], np.float32)

        def distance():
            fake = tf.zeros_like(y)
            return edge_distance(Judged(None, tf.constant(y), fake, weights=tf.constant(weights)))

        # In rows 4 of weight 1 and 2 of weight 0.5; in columns 2 of weight 1 and 0 of weight 0.5.
        assert evaluate(distance) == pytest.approx(5 / 1.5 + 2 / 1.5)


class TestScores:
    def test_l1_and_psnr_are_those_of_the_pixels_that_count(self, evaluate, pictures, weights):
        fake, target = pictures(2, 32, 32, 3, seed=1), pictures(2, 32, 32, 3, seed=2)
        scores = evaluate(lambda: picture_scores(*map(tf.constant, (fake, target, weights))))
        for number in range(2):
            error = (fake[number] - target[number]).astype(np.float64) / 2
            counts = np.broadcast_to(weights[number], error.shape)
            assert scores["l1"][number] == pytest.approx(np.average(abs(error), weights=counts))
            psnr = -10 * np.log10(np.average(error**2, weights=counts))
            assert scores["psnr"][number] == pytest.approx(psnr, rel=1e-5)

    def test_what_does_not_count_has_no_influence_on_any(self, pictures, weights):
        target = pictures(2, 32, 32, 3, seed=2)
        found = []
        for seed in (3, 4):
            fake = np.where(weights > 0, target * 0.5, pictures(2, 32, 32, 3, seed=seed))
            with tf.Graph().as_default(), tf.Session() as session:
                metrics = image_metrics(*map(tf.constant, (fake, target, weights)))
                session.run(tf.local_variables_initializer())
                found.append(session.run({name: update for name, (_, update) in metrics.items()}))
        assert found[0] == found[1]


class TestGradients:
    """Bit for bit the same gradients, whatever stands in the target where nothing counts."""

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"name": "lsgan", "feature_weight": 10.0, "edge_weight": 5.0},
            {"name": "none"},
        ],
        ids=["vanilla", "all distances", "L1 alone"],
    )
    def test_have_no_influence_of_it(
        self, network, make_device, load_weights, pictures, weights, fields
    ):
        x, y = pictures(2, 32, 32, 1, seed=1), pictures(2, 32, 32, 3, seed=2)
        targets = [np.where(weights > 0, y, pictures(2, 32, 32, 3, seed=seed)) for seed in (3, 4)]
        assert not np.array_equal(*targets)
        found = []
        with tf.Graph().as_default() as graph, tf.Session() as session:
            target = tf.placeholder(tf.float32, y.shape)
            build_training_step(
                tf.constant(x),
                target,
                network,
                ObjectiveConfig(**fields),
                make_device(),
                tf.train.get_or_create_global_step(),
                tf.constant(weights),
            )
            start, gradients = tf.global_variables_initializer(), applied_gradients(graph)
            for each in targets:
                # The discriminator is updated before the generator's gradients are taken.
                session.run(start)
                load_weights(session)
                found.append(session.run(gradients, {target: each}))
        assert len(gradients) > 10
        for name, gradient in found[0].items():
            assert np.abs(gradient).max() > 0, name
            np.testing.assert_array_equal(gradient, found[1][name], err_msg=name)


def applied_gradients(graph):
    """Dict of the name of Adam's operation on a variable to the gradient that it is given."""
    updates = [each for each in graph.get_operations() if each.type == "ResourceApplyAdam"]
    return {update.name: update.inputs[9] for update in updates}
