"""Dropout, scopes, checks, and hooks that users add themselves."""

import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from npu_standin import marks


class TestDropout:
    def test_keeps_some_and_scales_them_up(self, npu, graph):
        tf.set_random_seed(1)
        with tf.Session() as session:
            values = session.run(npu.dropout(tf.ones([10000]), 0.8))
        assert set(np.round(np.unique(values), 6)) == {0.0, 1.25}
        # Four standard deviations of a mean of 10,000.
        assert abs(np.mean(values != 0) - 0.8) < 0.016

    def test_draws_anew_in_each_run_and_alike_from_a_seed(self, npu):
        def two_runs():
            with tf.Graph().as_default(), tf.Session() as session:
                dropped = npu.dropout(tf.ones([100]), 0.5, seed=3)
                return session.run(dropped), session.run(dropped)

        first, second = two_runs()
        assert np.any(first != second)
        np.testing.assert_array_equal(two_runs(), (first, second))

    def test_has_gradients_where_it_keeps(self, npu, graph):
        x = tf.ones([100])
        dropped = npu.dropout(x, 0.5)
        with tf.Session() as session:
            values, gradient = session.run([dropped, tf.gradients(dropped, x)[0]])
        np.testing.assert_array_equal(gradient, values)

    @pytest.mark.parametrize("keep_prob", [0, 0.0, -0.1, 1.1, 2])
    def test_refuses_a_probability_out_of_range(self, npu, graph, keep_prob):
        with pytest.raises(ValueError, match=r"range \(0, 1\]"):
            npu.dropout(tf.ones([2]), keep_prob)

    def test_refuses_whole_numbers(self, npu, graph):
        with pytest.raises(ValueError, match="floating point"):
            npu.dropout(tf.ones([2], tf.int32), 0.5)

    def test_keeping_everything_is_the_tensor_itself(self, npu, graph):
        x = tf.ones([2])
        assert npu.dropout(x, 1.0) is x

    def test_is_marked_as_an_operation_of_the_device(self, npu, graph):
        npu.dropout(tf.ones([2]), 0.5)
        assert marks.marked_types(graph.as_graph_def()) == ["DropOutDoMask"]

    def test_is_recorded(self, npu, graph, fresh):
        npu.dropout(tf.ones([2, 3], name="ones"), 0.5)
        (event,) = fresh.of("dropout")
        assert (event["tensor"], event["keep_prob"], event["shape"]) == ("ones:0", 0.5, [2, 3])


class TestScopes:
    def test_keep_dtype_has_another_type_in_each_flavour(self, npu, graph):
        with npu.keep_dtype_scope():
            inside = tf.no_op()
        attribute = inside.node_def.attr["_keep_dtype"]
        assert attribute.WhichOneof("value") == {"old": "b", "new": "i"}[npu.flavour]
        assert "_keep_dtype" not in tf.no_op().node_def.attr

    def test_others_put_their_attribute(self, npu, graph):
        with npu.without_npu_compile_scope(), npu.npu_stage_scope(2):
            attributes = tf.no_op().node_def.attr
        assert attributes["_without_npu_compile"].b is True
        assert attributes["_stage_level"].i == 2

    def test_placement_is_one_of_its_enumeration(self, npu, graph):
        with npu.npu_variable_scope(npu.NpuExecutePlacement.HOST):
            assert tf.no_op().node_def.attr["_variable_placement"].s == b"host"
        with pytest.raises(ValueError, match="placement"):
            npu.npu_variable_scope("host")


class TestUtil:
    def test_checks_raise_what_the_real_ones_raise(self, npu, tmp_path):
        for check, value, error in (
            (npu.check_not_none, None, ValueError),
            (npu.check_positive_integer, 0, ValueError),
            (npu.check_positive_integer, 1.0, TypeError),
            (npu.check_nonnegative_integer, -1, ValueError),
            (npu.check_nonnegative_integer, "0", TypeError),
            (npu.check_bool_type, 1, TypeError),
        ):
            with pytest.raises(error, match="thing"):
                check(value, "thing")
        assert npu.check_path(str(tmp_path)) == os.path.realpath(str(tmp_path))
        with pytest.raises(ValueError, match="exists"):
            npu.check_path(str(tmp_path / "none"))

    def test_the_loops_variables_are_made_once(self, npu, graph):
        first = npu.create_or_get_var("iterations_per_loop")
        assert npu.create_or_get_var("iterations_per_loop") is first
        assert first.op.name == "npu_runconfig/iterations_per_loop"
        assert first.dtype.base_dtype == tf.int64
        assert tf.global_variables() == []


class TestUsersHooks:
    def test_output_tensor_hook_hands_over_values_of_several_runs(self, npu, graph):
        step = tf.train.get_or_create_global_step()
        advance = tf.assign_add(step, 1)
        handed = []
        hook = npu.NPUOutputTensorHook(
            {"step": step}, advance, lambda values: handed.append(list(values)), 2
        )
        with tf.train.SingularMonitoredSession([hook]) as session:
            for _ in range(3):
                session.run(advance)
        assert [[each["step"] for each in values] for values in handed] == [[1, 2], [3]]

    def test_output_tensor_hook_divides_by_its_default_interval(self, npu, graph):
        step = tf.train.get_or_create_global_step()
        hook = npu.NPUOutputTensorHook({"step": step})
        with pytest.raises(ZeroDivisionError):
            with tf.train.SingularMonitoredSession([hook]) as session:
                session.run(step)

    def test_the_new_flavour_tells_the_step_by_the_environment(self, npu, graph, monkeypatch):
        if npu.flavour == "old":
            pytest.skip("the old flavour has no such hook")
        for name in ("STEP_NOW", "TOTAL_STEP"):
            monkeypatch.setenv(name, "")
        step = tf.train.get_or_create_global_step()
        with tf.train.SingularMonitoredSession(
            [npu.TellMeStepOrLossHook(step=step, total_step=9)]
        ) as session:
            session.run(step)
        assert (os.environ["STEP_NOW"], os.environ["TOTAL_STEP"]) == ("0", "9")
        with pytest.raises(ValueError, match="step or loss"):
            npu.TellMeStepOrLossHook()
