"""Spectral norm (Miyato et al. 2018) against numpy's singular values."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn.networks.spectral import SpectralNorm

SHAPE = (4, 4, 3, 5)


def as_matrix(kernel):
    """A column to each filter."""
    return np.float64(kernel).reshape(-1, SHAPE[-1])


def largest(kernel):
    return np.linalg.svd(as_matrix(kernel), compute_uv=False)[0]


class Constrained:
    """A kernel, what is used of it, the iteration's vector and its update."""

    def __init__(self, session):
        self.session = session
        self.spectra = SpectralNorm()
        self.kernel = tf.get_variable("kernel", SHAPE, initializer=tf.random_normal_initializer())
        self.used = self.spectra.constrain(self.kernel)
        ((self.vector, self.following),) = self.spectra.updates
        self.update = self.vector.assign(self.following)
        # A loss by which each number of the kernel counts differently.
        self.shares = np.random.RandomState(3).normal(size=SHAPE)
        loss = tf.reduce_sum(tf.cast(self.shares, tf.float32) * self.used)
        (self.gradient,) = tf.gradients(loss, [self.kernel])
        session.run(tf.global_variables_initializer())

    def settle(self, steps=200):
        for _ in range(steps):
            self.session.run(self.update)


@pytest.fixture
def constrained():
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(4)
        with tf.variable_scope("", use_resource=True):
            yield Constrained(session)


def test_the_kernel_that_is_used_has_a_largest_singular_value_of_1(constrained):
    assert largest(constrained.session.run(constrained.used)) > 1.01
    constrained.settle()
    used, kernel = constrained.session.run([constrained.used, constrained.kernel])
    assert largest(used) == pytest.approx(1.0, rel=1e-5)
    np.testing.assert_allclose(used, kernel / largest(kernel), rtol=1e-4, atol=1e-6)


def test_an_update_is_one_step_of_the_power_method(constrained):
    kernel, vector = constrained.session.run([constrained.kernel, constrained.vector])
    constrained.session.run(constrained.update)
    matrix, row = as_matrix(kernel), np.float64(vector).ravel()
    left = matrix @ row
    left /= np.linalg.norm(left)
    right = matrix.T @ left
    right /= np.linalg.norm(right)
    found = constrained.session.run(constrained.vector).ravel()
    np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)
    assert abs(found - row).max() > 0.1


def test_using_the_kernel_does_not_move_the_vector(constrained):
    before = constrained.session.run(constrained.vector)
    first = constrained.session.run(constrained.used)
    np.testing.assert_array_equal(constrained.session.run(constrained.used), first)
    np.testing.assert_array_equal(constrained.session.run(constrained.vector), before)


def test_the_vector_is_not_trained(constrained):
    assert [one.op.name for one in tf.trainable_variables()] == ["kernel"]
    names = sorted(one.op.name for one in tf.global_variables())
    assert names == ["kernel", "singular_vector"]


def test_gradient_is_that_of_the_division_by_the_largest_singular_value(constrained):
    """Once the vector has settled, its own slope plays no part."""
    constrained.settle()
    gradient, kernel = constrained.session.run([constrained.gradient, constrained.kernel])
    step, kernel = 1e-6, np.float64(kernel)

    def loss(kernel):
        return np.sum(constrained.shares * kernel) / largest(kernel)

    for place in np.ndindex(*SHAPE):
        moved = np.zeros(SHAPE)
        moved[place] = step
        slope = (loss(kernel + moved) - loss(kernel - moved)) / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=1e-3, abs=1e-4)


def test_before_that_the_vectors_are_taken_for_constant(constrained):
    """The slope of sum(shares W) / (l W r) is shares / (l W r) - sum(shares W) l r / (l W r)^2."""
    tensors = [constrained.gradient, constrained.kernel, constrained.vector]
    gradient, kernel, vector = constrained.session.run(tensors)
    matrix, shares = as_matrix(kernel), as_matrix(constrained.shares)
    left = matrix @ np.float64(vector).ravel()
    left /= np.linalg.norm(left)
    right = matrix.T @ left
    right /= np.linalg.norm(right)
    value = left @ matrix @ right
    wanted = shares / value - np.sum(shares * matrix) * np.outer(left, right) / value**2
    np.testing.assert_allclose(as_matrix(gradient), wanted, rtol=1e-4, atol=1e-5)


def test_a_kernel_times_a_number_is_used_alike(constrained):
    constrained.settle()
    before = constrained.session.run(constrained.used)
    constrained.kernel.load(7.0 * constrained.session.run(constrained.kernel), constrained.session)
    after = constrained.session.run(constrained.used)
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-6)
