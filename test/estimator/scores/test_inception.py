import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from scipy.linalg import sqrtm

from estimator.errors import OptionsError
from estimator.scores.inception import FeatureExtractor, frechet_distance, kernel_distance

NODES = ("Mul:0", "pool_3:0")


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """A graph with an Inception graph's ends, whose features are means of 8x8 pixels."""
    with tf.Graph().as_default() as graph:
        picture = tf.placeholder(tf.float32, [1, 16, 16, 3], name="Mul")
        tf.nn.avg_pool2d(picture, 8, 8, "VALID", name="pool_3")
    path = tmp_path_factory.mktemp("inception") / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return str(path)


@pytest.fixture(scope="module")
def feature_sets():
    random = np.random.RandomState(0)
    mix = random.normal(size=(5, 5))
    return random.normal(size=(40, 5)) @ mix, random.normal(0.5, 1.3, size=(40, 5))


class TestFeatures:
    def test_they_are_what_the_graph_computes(self, stand_in):
        picture = np.random.RandomState(1).uniform(-1, 1, (16, 16, 3)).astype(np.float32)
        expected = picture.reshape(2, 8, 2, 8, 3).mean(axis=(1, 3)).ravel()
        features = FeatureExtractor(stand_in, NODES)(picture)
        np.testing.assert_allclose(features, expected, atol=1e-6)

    def test_pictures_are_resized_to_what_the_graph_takes(self, stand_in):
        features = FeatureExtractor(stand_in, NODES)(np.full((50, 70, 3), 0.25, np.float32))
        np.testing.assert_allclose(features, np.full(12, 0.25), atol=1e-6)

    def test_grey_pictures_are_taken_as_colour_pictures(self, stand_in):
        picture = np.random.RandomState(1).uniform(-1, 1, (16, 16, 1)).astype(np.float32)
        extractor = FeatureExtractor(stand_in, NODES)
        np.testing.assert_array_equal(extractor(picture), extractor(np.repeat(picture, 3, axis=2)))

    def test_missing_nodes_are_named_with_what_is_there(self, stand_in):
        with pytest.raises(OptionsError, match=r"--inception_nodes Mul:0,logits:0: .*pool_3"):
            FeatureExtractor(stand_in, ("Mul:0", "logits:0"))

    def test_a_file_that_is_no_graph_is_named(self, tmp_path):
        (tmp_path / "graph.pb").write_text("not a graph")
        with pytest.raises(OptionsError, match=r"--inception_graph .*graph\.pb"):
            FeatureExtractor(str(tmp_path / "graph.pb"), NODES)


class TestFrechetDistance:
    def test_it_is_that_of_the_formula_with_scipys_square_root(self, feature_sets):
        x, y = feature_sets
        covariances = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
        expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(
            covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real
        )
        assert frechet_distance(x, y) == pytest.approx(expected)

    def test_of_one_set_to_itself_it_is_zero(self, feature_sets):
        assert frechet_distance(feature_sets[0], feature_sets[0]) == pytest.approx(0, abs=1e-8)

    def test_a_shift_counts_by_its_square(self, feature_sets):
        shifted = feature_sets[0] + np.array([3, 4, 0, 0, 0])
        assert frechet_distance(feature_sets[0], shifted) == pytest.approx(25)

    def test_fewer_pictures_than_features_do_not_break_it(self):
        x = np.random.RandomState(0).normal(size=(4, 30))
        assert frechet_distance(x, x + 1) == pytest.approx(30)


class TestKernelDistance:
    def by_pairs(self, x, y):
        def kernel(a, b):
            return (np.dot(a, b) / len(a) + 1) ** 3

        def within(z):
            pairs = [(i, j) for i in range(len(z)) for j in range(len(z)) if i != j]
            return np.mean([kernel(z[i], z[j]) for i, j in pairs])

        return within(x) + within(y) - 2 * np.mean([kernel(a, b) for a in x for b in y])

    def test_it_is_the_sum_over_all_pairs_of_different_pictures(self, feature_sets):
        expected = self.by_pairs(*feature_sets)
        assert kernel_distance(*feature_sets) == pytest.approx(expected)

    def test_large_sets_are_taken_in_blocks_of_at_most_a_thousand(self):
        random = np.random.RandomState(0)
        x, y = random.normal(size=(1500, 3)), random.normal(1, 1, size=(1500, 3))
        blocks = [kernel_distance(x[:750], y[:750]), kernel_distance(x[750:], y[750:])]
        assert kernel_distance(x, y) == pytest.approx(np.mean(blocks))

    def test_of_two_draws_of_one_kind_it_is_about_zero_and_of_two_kinds_it_is_not(self):
        random = np.random.RandomState(0)
        draws = random.normal(size=(2, 500, 4))
        assert abs(kernel_distance(*draws)) < 0.05
        assert kernel_distance(draws[0], draws[1] + 1) > 0.5
