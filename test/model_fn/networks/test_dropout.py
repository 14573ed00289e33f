"""The noise of testing. That of training is the device's."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn.networks.dropout import fixed_dropout

SHAPE = [3, 16, 16, 8]


@pytest.fixture
def drop(evaluate):
    """Returns what is left of ones."""

    def run(seed, rate=0.5, layer_number=0, shape=SHAPE):
        return evaluate(lambda: fixed_dropout(seed)(tf.ones(shape), rate, layer_number))

    return run


@pytest.mark.parametrize(
    ("rate", "scale", "share"), [(0.5, 2.0, 0.5), (0.75, 4.0, 0.25), (0.0, 1.0, 1.0)]
)
def test_a_share_is_dropped_and_the_rest_scaled_up(drop, rate, scale, share):
    values = drop(0, rate)
    assert set(values.ravel()) <= {0.0, np.float32(scale)}
    # 2048 draws: the deviation of the share is at most 0.011.
    assert np.mean(values > 0.0) == pytest.approx(share, abs=0.05)


def test_kept_values_are_those_given(evaluate, pictures):
    x = pictures(*SHAPE)
    values = evaluate(lambda: fixed_dropout(0)(tf.constant(x), 0.5, 0))
    np.testing.assert_array_equal(values, np.where(values != 0.0, 2.0 * x, 0.0))


def test_noise_is_the_same_for_each_picture(drop):
    first, *others = drop(0)
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_noise_does_not_depend_on_the_number_of_pictures(drop):
    np.testing.assert_array_equal(drop(0)[0], drop(0, shape=[1, *SHAPE[1:]])[0])


def test_each_channel_and_pixel_has_noise_of_its_own(drop):
    kept = drop(0)[0] > 0.0
    assert len({channel.tobytes() for channel in np.moveaxis(kept, -1, 0)}) == 8
    assert len({pixel.tobytes() for pixel in kept.reshape(-1, 8)}) > 100


@pytest.mark.parametrize("seed", [0, 7, -1, 2**32 - 1, 2**40 + 3])
def test_noise_follows_from_the_seed(drop, seed):
    np.testing.assert_array_equal(drop(seed), drop(seed))


def test_other_seeds_and_other_layers_have_other_noise(drop):
    kept = [drop(seed, layer_number=layer) > 0.0 for seed in (0, 1, 2) for layer in (0, 1, 2)]
    for number, one in enumerate(kept):
        for other in kept[:number]:
            assert 0.4 < np.mean(one == other) < 0.6


def test_noise_is_drawn_once_and_for_all(pictures):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        outputs = fixed_dropout(0)(tf.constant(pictures(*SHAPE)), 0.5, 0)
        assert {operation.type for operation in graph.get_operations()} == {"Const", "Mul"}
        np.testing.assert_array_equal(session.run(outputs), session.run(outputs))
