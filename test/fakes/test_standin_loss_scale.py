"""Loss scale managers and NPULossScaleOptimizer: rules, names of variables, skipped steps."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf


def names_of(variables):
    return [variable.op.name for variable in variables]


@pytest.fixture
def history(npu, graph):
    """Feeds a manager good and bad steps, as in "++-"; returns the scale after each."""

    def run(steps, *arguments, **keywords):
        manager = npu.ExponentialUpdateLossScaleManager(*arguments, **keywords)
        finite = tf.placeholder(tf.bool, [])
        update = manager.update_loss_scale(finite)
        scales = []
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for step in steps:
                session.run(update, {finite: step == "+"})
                scales.append(float(session.run(manager.get_loss_scale())))
        return scales

    return run


class TestExponentialManager:
    def test_grows_after_so_many_good_steps_in_a_row(self, history):
        assert history("++++", 8, 2) == [8, 16, 16, 32]

    def test_starts_counting_good_steps_again_after_a_bad_one(self, history):
        assert history("+-++", 8, 2) == [8, 8, 8, 16]

    def test_shrinks_after_so_many_bad_steps_in_a_row_or_not(self, history):
        assert history("-+-", 8, 3, decr_ratio=0.5) == [8, 8, 4]

    def test_forgets_bad_steps_when_it_grows(self, history):
        assert history("-++-", 8, 2, decr_ratio=0.5) == [8, 8, 16, 16]

    def test_has_the_ratios_2_and_four_fifths_by_default(self, history):
        assert history("--", 10, 1) == [10, 8]
        assert history("+", 10, 1) == [20]

    def test_never_shrinks_below_1(self, history):
        assert history("--", 1.5, 9, decr_every_n_nan_or_inf=1, decr_ratio=0.5) == [1, 1]

    def test_never_grows_beyond_float32(self, history):
        (scale,) = history("+", 2.0**127, 1)
        assert scale == 2.0**127

    def test_has_three_variables_that_are_saved_and_not_trained(self, npu, graph):
        npu.ExponentialUpdateLossScaleManager(8, 2)
        assert names_of(tf.global_variables()) == ["loss_scale", "good_steps", "bad_steps"]
        assert [variable.dtype.base_dtype for variable in tf.global_variables()] == [
            tf.float32,
            tf.int32,
            tf.int32,
        ]
        assert tf.trainable_variables() == []

    def test_is_named_by_its_scope_and_numbered(self, npu, graph):
        for _ in range(2):
            npu.ExponentialUpdateLossScaleManager(8, 2)
        with tf.variable_scope("opt_D"):
            npu.ExponentialUpdateLossScaleManager(8, 2)
        assert names_of(tf.global_variables())[3:] == [
            "loss_scale_1",
            "good_steps_1",
            "bad_steps_1",
            "opt_D/loss_scale",
            "opt_D/good_steps",
            "opt_D/bad_steps",
        ]


class Descent:
    """w := w - 0.5 x (the gradient, which is fed), by a loss-scaled optimizer."""

    def __init__(self, npu, manager, **arguments):
        self.w = tf.get_variable("w", [2], initializer=tf.ones_initializer())
        self.unused = tf.get_variable("unused", [])
        self.slope = tf.placeholder_with_default([1.0, 1.0], [2])
        self.step = tf.train.get_or_create_global_step()
        self.manager = manager
        self.optimizer = npu.NPULossScaleOptimizer(
            tf.train.GradientDescentOptimizer(0.5), manager, **arguments
        )
        loss = tf.reduce_sum(self.w * self.slope)
        self.gradients = self.optimizer.compute_gradients(loss, [self.w, self.unused])
        self.train_op = self.optimizer.apply_gradients(self.gradients, self.step)

    def run(self, slopes):
        """Makes a step for each; returns w, the global step and the scale."""
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            for slope in slopes:
                session.run(self.train_op, {self.slope: slope})
            scale = self.manager.get_loss_scale()
            return session.run([self.w, self.step, scale])


GOOD, INFINITE, NOT_A_NUMBER = [1.0, 2.0], [1.0, np.inf], [np.nan, 0.0]


class TestOptimizer:
    @pytest.fixture
    def manager(self, npu, graph):
        return npu.ExponentialUpdateLossScaleManager(
            2.0**15, 1000, decr_every_n_nan_or_inf=2, decr_ratio=0.5
        )

    def test_a_good_step_is_that_of_the_optimizer_inside(self, npu, manager):
        w, step, scale = Descent(npu, manager).run([GOOD])
        np.testing.assert_array_equal(w, [0.5, 0.0])
        assert (step, scale) == (1, 2.0**15)

    def test_gradients_come_with_the_scale_taken_out(self, npu, manager):
        descent = Descent(npu, manager)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            np.testing.assert_array_equal(session.run(descent.gradients[0][0]), [1.0, 1.0])

    def test_the_scale_is_in_what_is_differentiated(self, npu, manager, graph):
        x = tf.get_variable("x", [], initializer=tf.ones_initializer())
        seen = []

        @tf.custom_gradient
        def watched(value):
            return value, lambda gradient: seen.append(gradient) or gradient

        npu.NPULossScaleOptimizer(
            tf.train.GradientDescentOptimizer(1.0), manager
        ).compute_gradients(watched(x.read_value()), [x])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            assert session.run(seen[0]) == 2.0**15

    def test_no_gradient_stays_none(self, npu, manager):
        assert Descent(npu, manager).gradients[1][0] is None

    @pytest.mark.parametrize("bad", [INFINITE, NOT_A_NUMBER])
    def test_an_overflow_skips_the_step_and_the_global_step(self, npu, manager, bad):
        w, step, _ = Descent(npu, manager).run([GOOD, bad])
        np.testing.assert_array_equal(w, [0.5, 0.0])
        assert step == 1

    def test_the_scale_falls_after_as_many_overflows_as_the_manager_says(self, npu, manager):
        descent = Descent(npu, manager)
        assert descent.run([INFINITE])[2] == 2.0**15
        assert descent.run([INFINITE, GOOD, INFINITE])[2] == 2.0**14
        assert descent.run([INFINITE] * 4)[2] == 2.0**13

    def test_the_decision_has_the_real_ones_name(self, npu, manager, graph):
        Descent(npu, manager)
        assert graph.get_tensor_by_name("overflow_status_reduce_all:0").dtype == tf.bool

    @pytest.mark.parametrize(("ranks", "flag"), [("1", True), ("8", False)])
    def test_is_distributed_has_to_agree_with_the_number_of_ranks(
        self, npu, manager, monkeypatch, ranks, flag
    ):
        monkeypatch.setenv("RANK_SIZE", ranks)
        with pytest.raises(RuntimeError, match=f"is_distributed is {flag}.*RANK_SIZE of {ranks}"):
            Descent(npu, manager, is_distributed=flag)

    def test_the_status_is_reduced_over_ranks(self, npu, manager, monkeypatch, fresh):
        monkeypatch.setenv("RANK_SIZE", "8")
        descent = Descent(npu, manager, is_distributed=True)
        (reduced,) = fresh.of("hccl")
        assert (reduced["reduction"], reduced["fusion"]) == ("sum", 0)
        assert descent.run([GOOD, INFINITE])[1] == 1

    def test_what_it_is_asked_for_slots_depends_on_the_flavour(self, npu, manager, graph):
        w = tf.get_variable("w", [], initializer=tf.ones_initializer())
        inside = tf.train.MomentumOptimizer(0.1, 0.9)
        optimizer = npu.NPULossScaleOptimizer(inside, manager)
        optimizer.minimize(w * 2.0)
        assert inside.get_slot(w, "momentum") is not None
        if npu.flavour == "old":
            assert optimizer.get_slot(w, "momentum") is None
        else:
            assert optimizer.get_slot(w, "momentum") is inside.get_slot(w, "momentum")

    def test_what_it_wraps_is_recorded(self, npu, manager, graph, fresh):
        inside = npu.NPUDistributedOptimizer(tf.train.AdamOptimizer())
        npu.NPULossScaleOptimizer(inside, manager)
        (event,) = fresh.of("loss_scale_optimizer")
        assert event["wraps"] == ["NPUDistributedOptimizer", "AdamOptimizer"]
        assert event["manager"] == "ExponentialUpdateLossScaleManager"
        assert event["is_distributed"] is False


class TestNamesInCheckpoints:
    """As tried on TensorFlow 1.15: Adam's powers are made within the condition."""

    def test_within_a_scope(self, npu, graph):
        with tf.variable_scope("opt_D"):
            manager = npu.ExponentialUpdateLossScaleManager(8, 2)
            w = tf.get_variable("w", [])
            optimizer = npu.NPULossScaleOptimizer(tf.train.AdamOptimizer(), manager)
            optimizer.minimize(w * w, var_list=[w])
        assert names_of(tf.global_variables()) == [
            "opt_D/loss_scale",
            "opt_D/good_steps",
            "opt_D/bad_steps",
            "opt_D/w",
            "opt_D/cond/beta1_power",
            "opt_D/cond/beta2_power",
            "opt_D/opt_D/w/Adam",
            "opt_D/opt_D/w/Adam_1",
        ]

    def test_of_a_second_optimizer_in_no_scope_skip_the_managers_condition(self, npu, graph):
        for name in ("a", "b"):
            manager = npu.ExponentialUpdateLossScaleManager(8, 2)
            w = tf.get_variable(name, [])
            npu.NPULossScaleOptimizer(tf.train.AdamOptimizer(), manager).minimize(
                w * w, var_list=[w]
            )
        powers = [name for name in names_of(tf.global_variables()) if "power" in name]
        assert powers == [
            "cond/beta1_power",
            "cond/beta2_power",
            "cond_2/beta1_power",
            "cond_2/beta2_power",
        ]

    def test_are_those_of_tensorflows_own_loss_scaling(self, npu):
        from tensorflow.contrib import mixed_precision

        found = []
        for package in (npu, mixed_precision):
            with tf.Graph().as_default():
                for name in ("generator", "discriminator"):
                    with tf.variable_scope(name):
                        manager = package.ExponentialUpdateLossScaleManager(8, 2)
                        w = tf.get_variable("w", [])
                        wrap = getattr(
                            package, "NPULossScaleOptimizer", mixed_precision.LossScaleOptimizer
                        )
                        optimizer = wrap(tf.train.AdamOptimizer(), manager)
                        optimizer.minimize(w * w, var_list=[w])
                found.append(names_of(tf.global_variables()))
        assert found[0] == found[1]
