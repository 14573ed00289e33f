"""Overflows that a test injects: who skips, whose scale falls, that training goes on."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from npu_standin import overflow

SCOPES = ("discriminator", "generator")


def optimizer_of(npu, decr_ratio):
    manager = npu.ExponentialUpdateLossScaleManager(
        2.0**15, 1000, decr_every_n_nan_or_inf=1, decr_ratio=decr_ratio
    )
    return npu.NPULossScaleOptimizer(tf.train.GradientDescentOptimizer(1.0), manager)


class Pair:
    """Two networks of one weight each, which every update makes smaller by one."""

    def __init__(self, npu, folder, in_order=True):
        self._npu = npu
        self._folder = str(folder)
        self._in_order = in_order

    def _model_fn(self, features, mode):
        step = tf.train.get_global_step()
        first, second = (self._make(scope, ratio) for scope, ratio in zip(SCOPES, (0.5, 0.25)))
        noise = tf.reduce_sum(features) * 0.0
        d_gradients = first.compute_gradients(first.weight + noise, [first.weight])
        if self._in_order:
            d_update = first.apply_gradients(d_gradients)
            with tf.control_dependencies([d_update]):
                g_gradients = second.compute_gradients(second.weight + noise, [second.weight])
        else:
            g_gradients = second.compute_gradients(second.weight + noise, [second.weight])
            with tf.control_dependencies([g_gradients[0][0]]):
                d_update = first.apply_gradients(d_gradients)
        with tf.control_dependencies([d_update]):
            g_update = second.apply_gradients(g_gradients, step)
        return tf.estimator.EstimatorSpec(mode, loss=noise, train_op=g_update)

    def _make(self, scope, ratio):
        with tf.variable_scope(scope):
            weight = tf.get_variable("w", [], initializer=tf.zeros_initializer())
        with tf.variable_scope(scope + "_optimizer"):
            optimizer = optimizer_of(self._npu, ratio)
        optimizer.weight = weight
        return optimizer

    def train(self, max_steps, iterations=1):
        """Returns, for each scope, how many updates were made and the scale."""
        config = self._npu.NPURunConfig(
            model_dir=self._folder, iterations_per_loop=iterations, log_step_count_steps=None
        )
        estimator = self._npu.NPUEstimator(self._model_fn, config=config)
        estimator.train(lambda: tf.data.Dataset.from_tensors([1.0]).repeat(), max_steps=max_steps)
        value = estimator.get_variable_value
        return {
            scope: (-value(f"{scope}/w"), value(f"{scope}_optimizer/loss_scale"))
            for scope in SCOPES
        }


class TestInjection:
    def test_without_any_all_updates_are_made(self, npu, tmp_path):
        result = Pair(npu, tmp_path).train(6)
        assert result == {"discriminator": (6, 2.0**15), "generator": (6, 2.0**15)}

    @pytest.mark.parametrize("iterations", [1, 3])
    def test_of_the_discriminator_only_it_skips_and_only_its_scale_falls(
        self, npu, tmp_path, iterations
    ):
        overflow.inject("discriminator:2")
        result = Pair(npu, tmp_path).train(6, iterations)
        assert result == {"discriminator": (5, 2.0**14), "generator": (6, 2.0**15)}

    def test_of_the_generator_only_it_skips_and_the_step_is_made_again(self, npu, tmp_path):
        overflow.inject("generator:4")
        result = Pair(npu, tmp_path).train(6)
        # It alone advances the step: six steps take seven tries, in each of which the
        # discriminator is updated.
        assert result == {"discriminator": (7, 2.0**15), "generator": (6, 2.0**13)}

    def test_of_several_steps_each_is_of_its_manager(self, npu, tmp_path):
        overflow.inject("discriminator:1,discriminator:3,generator:2")
        result = Pair(npu, tmp_path).train(4)
        assert result == {"discriminator": (3, 2.0**13), "generator": (4, 2.0**13)}

    def test_out_of_order_one_gets_the_others(self, npu, tmp_path):
        overflow.inject("generator:2")
        result = Pair(npu, tmp_path, in_order=False).train(3)
        # The flag is one for the whole device; the first to look takes it down.
        assert result["discriminator"][1] == 2.0**14

    def test_by_the_environment_is_the_same(self, npu, tmp_path, monkeypatch, fresh):
        monkeypatch.setenv("NPU_STANDIN_OVERFLOW", "discriminator:1")
        result = Pair(npu, tmp_path).train(2)
        assert result["discriminator"] == (1, 2.0**14)
        (event,) = fresh.of("overflow")
        assert (event["label"], event["steps"]) == ("discriminator", [1])

    def test_of_another_rank_is_none_of_this(self, npu, tmp_path):
        overflow.inject("discriminator:1@1,generator:1@0")
        result = Pair(npu, tmp_path).train(2)
        assert result["discriminator"] == (3, 2.0**15)
        assert result["generator"] == (2, 2.0**13)

    def test_of_an_unknown_optimizer_is_an_error(self, npu, tmp_path):
        overflow.inject("critic:1")
        with pytest.raises(ValueError, match="critic.*discriminator.*generator"):
            Pair(npu, tmp_path).train(1)

    def test_leaves_nothing_in_the_checkpoint(self, npu, tmp_path):
        overflow.inject("discriminator:1")
        Pair(npu, tmp_path).train(1)
        saved = [name for name, _ in tf.train.list_variables(str(tmp_path))]
        assert not [name for name in saved if "npu" in name or "overflow" in name]

    def test_makes_the_gradient_infinite_for_whoever_looks_at_it(self, npu, graph):
        overflow.inject("net:1")
        tf.train.get_or_create_global_step()
        with tf.variable_scope("net"):
            w = tf.get_variable("w", [2])
        optimizer = optimizer_of(npu, 0.5)
        ((gradient, _),) = optimizer.compute_gradients(tf.reduce_sum(w), [w])
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            assert np.all(np.isinf(session.run(gradient)))
            assert np.all(session.run(gradient) == 1.0)

    def test_needs_a_global_step(self, npu, graph):
        overflow.inject("w:1")
        w = tf.get_variable("w", [])
        optimizer = optimizer_of(npu, 0.5)
        with pytest.raises(ValueError, match="global step"):
            optimizer.compute_gradients(w, [w])
