"""The device's own dropout."""

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
        dropped = npu.dropout(tf.ones([2]), 0.5)
        assert marks.type_of(dropped.op) == "DropOutDoMask"

    def test_is_recorded(self, npu, graph, fresh):
        npu.dropout(tf.ones([2, 3], name="ones"), 0.5)
        (event,) = fresh.of("dropout")
        assert (event["tensor"], event["keep_prob"], event["shape"]) == ("ones:0", 0.5, [2, 3])
