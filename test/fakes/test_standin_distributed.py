"""Several ranks: gradients, broadcast, HCCL's operations and groups."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf


@pytest.fixture
def eight_ranks(monkeypatch):
    monkeypatch.setenv("RANK_SIZE", "8")
    monkeypatch.setenv("RANK_ID", "3")


def run(fetches):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches)


def gradients_of(optimizer):
    """Of (w * 3, an unused variable)."""
    w = tf.get_variable("w", [], initializer=tf.ones_initializer())
    unused = tf.get_variable("unused", [])
    return optimizer.compute_gradients(w * 3.0, var_list=[w, unused])


class TestDistributedOptimizer:
    def test_with_one_rank_it_passes_gradients_on(self, npu, graph, fresh):
        gradients = gradients_of(npu.NPUDistributedOptimizer(tf.train.AdamOptimizer()))
        assert run(gradients[0][0]) == 3.0
        assert fresh.of("hccl") == []

    def test_with_several_it_reduces_each_gradient_under_its_name(
        self, npu, graph, fresh, eight_ranks
    ):
        gradients = gradients_of(npu.NPUDistributedOptimizer(tf.train.AdamOptimizer()))
        assert gradients[1][0] is None
        assert gradients[0][0].name.startswith("DistributedAdamOptimizer_Allreduce/")
        # All ranks are taken to hold the same: their mean is what each of them holds.
        assert run(gradients[0][0]) == 3.0
        (event,) = fresh.of("hccl")
        assert (event["operation"], event["reduction"]) == ("allreduce", "sum")

    def test_needs_a_job_id_with_several_ranks(self, npu, graph, monkeypatch, eight_ranks):
        monkeypatch.delenv("JOB_ID")
        with pytest.raises(AttributeError, match="_rank_size"):
            gradients_of(npu.NPUDistributedOptimizer(tf.train.AdamOptimizer()))

    def test_answers_for_the_optimizer_inside(self, npu, graph):
        inside = tf.train.MomentumOptimizer(0.1, 0.9)
        optimizer = npu.NPUDistributedOptimizer(inside)
        w = tf.get_variable("w", [])
        optimizer.minimize(w * w)
        assert optimizer.get_slot_names() == ["momentum"]
        assert optimizer.get_slot(w, "momentum") is inside.get_slot(w, "momentum")
        assert optimizer.variables() == inside.variables()

    def test_sparse_gradients_are_gathered(self, npu, graph, fresh, eight_ranks):
        w = tf.get_variable("w", [4, 1], initializer=tf.ones_initializer())
        optimizer = npu.NPUDistributedOptimizer(tf.train.GradientDescentOptimizer(1.0))
        train_op = optimizer.minimize(tf.reduce_sum(tf.gather(w, [1, 2])))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(train_op)
            np.testing.assert_array_equal(session.run(w)[:, 0], [1.0, 0.0, 0.0, 1.0])
        assert [event["operation"] for event in fresh.of("hccl")] == ["allgather"] * 2

    def test_weights_can_only_be_sharded_if_there_are_enough(self, npu, graph, eight_ranks):
        optimizer = npu.NPUDistributedOptimizer(tf.train.AdamOptimizer(), True)
        with pytest.raises(ValueError, match="less than rank_size"):
            gradients_of(optimizer)

    def test_what_is_applied_is_recorded(self, npu, graph, fresh):
        optimizer = npu.NPUDistributedOptimizer(tf.train.AdamOptimizer())
        with tf.variable_scope("generator"):
            w = tf.get_variable("w", [])
        optimizer.minimize(w * w, tf.train.get_or_create_global_step())
        (event,) = fresh.of("apply_gradients")
        assert event["label"] == "generator"
        assert event["variables"] == ["generator/w"]
        assert event["advances_global_step"] is True

    def test_the_wrapper_of_the_new_flavour_changes_the_optimizer_itself(
        self, npu, graph, fresh, eight_ranks
    ):
        if npu.flavour == "old":
            pytest.skip("the old flavour has none")
        adam = tf.train.AdamOptimizer()
        assert npu.npu_distributed_optimizer_wrapper(adam) is adam
        gradients = gradients_of(adam)
        assert gradients[0][0].name.startswith("Npu_Distributed_optimizer_Allreduce/")


class TestCombinedOptimizer:
    def test_needs_a_manager_to_scale(self, npu, graph):
        with pytest.raises(ValueError, match="loss_scale_manager can not be None"):
            npu.NPUOptimizer(tf.train.AdamOptimizer(), is_loss_scale=True)

    def test_reduces_and_scales(self, npu, graph, fresh, eight_ranks):
        optimizer = npu.NPUOptimizer(
            tf.train.GradientDescentOptimizer(1.0),
            npu.FixedLossScaleManager(128),
            is_distributed=True,
            is_loss_scale=True,
        )
        gradients = gradients_of(optimizer)
        train_op = optimizer.apply_gradients(gradients)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            assert session.run(gradients[0][0]) == 3.0
            session.run(train_op)
            assert session.run(gradients[0][1]) == -2.0
        assert len(fresh.of("hccl")) == 2  # The gradient, and the status.


class TestBroadcast:
    def test_is_of_the_trainable_variables_and_of_no_other(self, npu, graph, fresh, eight_ranks):
        tf.get_variable("weight", [])
        tf.get_variable("moving_mean", [], trainable=False)
        hook = npu.NPUBroadcastGlobalVariablesHook(0, "3")
        with tf.train.SingularMonitoredSession([hook]):
            pass
        (event,) = fresh.of("broadcast")
        assert (event["variables"], event["root_rank"]) == (["weight"], 0)
        assert len(fresh.of("broadcast_run")) == 1

    def test_is_none_with_one_rank(self, npu, graph, fresh):
        tf.get_variable("weight", [])
        with tf.train.SingularMonitoredSession([npu.NPUBroadcastGlobalVariablesHook(0, "0")]):
            pass
        assert fresh.of("broadcast") == []


class TestHcclOperations:
    def test_allreduce_leaves_what_it_gets(self, npu, graph):
        np.testing.assert_array_equal(run(npu.hccl_ops.allreduce([[1.0, 2.0]], "max")), [[1, 2]])

    def test_allreduce_knows_four_reductions(self, npu, graph):
        for reduction in ("sum", "prod", "max", "min"):
            npu.hccl_ops.allreduce(tf.zeros([]), reduction)
        with pytest.raises(ValueError, match="mean"):
            npu.hccl_ops.allreduce(tf.zeros([]), "mean")

    def test_allreduce_knows_four_types(self, npu, graph):
        for dtype in (tf.int8, tf.int32, tf.float16, tf.float32):
            npu.hccl_ops.allreduce(tf.zeros([], dtype), "sum")
        with pytest.raises(TypeError, match="float64"):
            npu.hccl_ops.allreduce(tf.zeros([], tf.float64), "sum")

    def test_broadcast_takes_a_list_and_returns_one(self, npu, graph):
        (value,) = npu.hccl_ops.broadcast([tf.ones([2])], 0)
        np.testing.assert_array_equal(run(value), [1.0, 1.0])
        with pytest.raises(TypeError, match="Expected list"):
            npu.hccl_ops.broadcast(tf.ones([2]), 0)

    def test_allgather_has_what_all_ranks_hold(self, npu, graph):
        np.testing.assert_array_equal(run(npu.hccl_ops.allgather([1, 2], 2)), [1, 2, 1, 2])

    def test_reduce_scatter_has_a_share(self, npu, graph):
        np.testing.assert_array_equal(
            run(npu.hccl_ops.reduce_scatter([1, 2, 3, 4], "sum", 2)), [1, 2]
        )

    def test_receive_has_the_shape_and_type_asked_for(self, npu, graph):
        received = npu.hccl_ops.receive([2, 3], tf.float16, 7, 0)
        assert (received.shape.as_list(), received.dtype) == ([2, 3], tf.float16)
        run(npu.hccl_ops.send(tf.ones([]), 7, 1))


class TestHcclManagement:
    def test_is_not_there_before_a_session_on_the_device(self, npu, eight_ranks):
        with pytest.raises(RuntimeError, match="not initialised"):
            npu.get_rank_size()

    def test_knows_the_ranks_from_the_environment(self, npu, graph, eight_ranks):
        run(npu.initialize_system())
        assert (npu.get_rank_size(), npu.get_rank_id()) == (8, 3)
        run(npu.shutdown_system())
        with pytest.raises(RuntimeError, match="not initialised"):
            npu.get_rank_id()

    def test_has_groups(self, npu, graph, eight_ranks):
        run(npu.initialize_system())
        npu.create_group("odd", 4, [1, 3, 5, 7])
        assert (npu.get_rank_size("odd"), npu.get_rank_id("odd")) == (4, 1)
        assert npu.get_world_rank_from_group_rank("odd", 2) == 5
        assert npu.get_group_rank_from_world_rank(7, "odd") == 3
        npu.destroy_group("odd")
        with pytest.raises(ValueError, match="odd"):
            npu.get_rank_size("odd")
