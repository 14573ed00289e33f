"""Norms by their names; batch norm itself is tested with the layers."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn.networks.norms import BATCH, IMAGE, instance_norm, normalise


@pytest.fixture
def run(known_network):
    """Returns values, names of all variables and the weights."""

    def values(layer, x):
        with known_network(lambda: layer(tf.constant(x))) as (session, outputs, weights):
            return session.run(outputs), [one.op.name for one in tf.global_variables()], weights

    return values


class TestInstanceNorm:
    # The deviations of the last are about the root of epsilon, 1e-5: another epsilon shows.
    @pytest.mark.parametrize("scale", [1.0, 30.0, 0.005])
    def test_each_channel_of_each_picture_has_mean_0_and_deviation_1(self, run, pictures, scale):
        x = scale * (pictures(3, 4, 5, 2) + np.float32([0.5, -0.2]))
        values, _, _ = run(instance_norm, x)
        for picture, channel in np.ndindex(3, 2):
            one = np.float64(x[picture, :, :, channel])
            wanted = (one - one.mean()) / np.sqrt(one.var() + 1e-5)
            np.testing.assert_allclose(values[picture, :, :, channel], wanted, atol=2e-4)

    def test_there_is_nothing_to_be_learnt(self, run, pictures):
        assert run(instance_norm, pictures(1, 4, 4, 2))[1] == []

    def test_a_picture_of_one_value_becomes_zero(self, run):
        values, _, _ = run(instance_norm, np.full([1, 4, 4, 2], 7.0, np.float32))
        np.testing.assert_allclose(values, 0.0, atol=1e-3)


class TestNormalise:
    @pytest.mark.parametrize(("statistics", "axes"), [(BATCH, (0, 1, 2)), (IMAGE, (1, 2))])
    def test_batch(self, run, pictures, statistics, axes):
        x = pictures(2, 4, 5, 2)
        values, names, weights = run(lambda x: normalise(x, "batch", statistics), x)
        assert sorted(names) == ["beta", "gamma"]
        x = np.float64(x)
        x = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
        np.testing.assert_allclose(values, x * weights["gamma"] + weights["beta"], atol=1e-3)

    @pytest.mark.parametrize("statistics", [BATCH, IMAGE])
    def test_instance_does_not_depend_on_the_other_pictures(self, run, pictures, statistics):
        x = pictures(2, 4, 5, 2) * np.float32([1.0, 3.0]).reshape(2, 1, 1, 1)
        both = run(lambda x: normalise(x, "instance", statistics), x)[0]
        alone = [run(lambda x: normalise(x, "instance", statistics), one[None])[0] for one in x]
        np.testing.assert_allclose(both, np.concatenate(alone), rtol=1e-5, atol=1e-6)

    def test_none_leaves_values_as_they_are(self, run, pictures):
        x = pictures(2, 4, 5, 2)
        values, names, _ = run(lambda x: tf.identity(normalise(x, "none", BATCH)), x)
        np.testing.assert_array_equal(values, x)
        assert names == []
