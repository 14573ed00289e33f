"""Several ranks: what they exchange, in processes of their own and in one that plays all."""

import json
import socket

import numpy as np
import pytest
import tensorflow.compat.v1 as tf


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
    @pytest.fixture
    def eight_ranks(self, monkeypatch):
        monkeypatch.setenv("RANK_SIZE", "8")
        monkeypatch.setenv("RANK_ID", "3")

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
        # Without a rank table this process plays all ranks: their mean is what it holds.
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

    def test_what_is_applied_is_recorded(self, npu, graph, fresh):
        optimizer = npu.NPUDistributedOptimizer(tf.train.AdamOptimizer())
        with tf.variable_scope("generator"):
            w = tf.get_variable("w", [])
        optimizer.minimize(w * w, tf.train.get_or_create_global_step())
        (event,) = fresh.of("apply_gradients")
        assert event["label"] == "generator"
        assert event["variables"] == ["generator/w"]
        assert event["advances_global_step"] is True


class TestHcclOperations:
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


# Each rank holds its number plus one; what it does besides is put in below.
PROGRAM = """
import os
import tensorflow.compat.v1 as tf
from npu_bridge.hccl import hccl_ops
rank = int(os.environ["RANK_ID"])
own = tf.constant([1.0, 10.0]) * (rank + 1.0)
{exchange}
with tf.Session() as session:
    print([value.tolist() for value in session.run(results)])
"""


class TestTwoProcesses:
    @pytest.fixture
    def two_ranks(self, start_program, tmp_path):
        """Starts the program on both ranks; returns their processes."""
        devices = [{"device_id": str(rank), "rank_id": str(rank)} for rank in (0, 1)]
        table = tmp_path / "table.json"
        table.write_text(json.dumps({"server_list": [{"device": devices}]}))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        def start(*exchanges):
            return [
                start_program(
                    "new",
                    PROGRAM.format(exchange=exchange),
                    RANK_ID=str(rank),
                    RANK_SIZE="2",
                    ASCEND_DEVICE_ID=str(rank),
                    RANK_TABLE_FILE=str(table),
                    NPU_STANDIN_PORT=str(port),
                    HCCL_EXEC_TIMEOUT="10",
                )
                for rank, exchange in enumerate(exchanges)
            ]

        return start

    def test_both_get_the_sum_and_what_the_root_holds(self, two_ranks, finish_program):
        # One after the other: of what has no order, each rank could begin with another.
        exchange = (
            "total = hccl_ops.allreduce(own, 'sum')\n"
            "with tf.control_dependencies([total]):\n"
            "    largest = hccl_ops.allreduce(tf.identity(own), 'max')\n"
            "with tf.control_dependencies([largest]):\n"
            "    results = [total, largest, hccl_ops.broadcast([tf.identity(own)], 1)[0]]"
        )
        expected = "[[3.0, 30.0], [2.0, 20.0], [2.0, 20.0]]\n"
        processes = two_ranks(exchange, exchange)
        assert [finish_program(process) for process in processes] == [expected] * 2

    def test_a_rank_that_does_another_thing_is_named_to_both(self, two_ranks):
        processes = two_ranks(
            "results = [hccl_ops.allreduce(own, 'sum')]",
            "results = [hccl_ops.allreduce(own, 'max')]",
        )
        for process in processes:
            _, errors = process.communicate(timeout=60)
            assert process.returncode != 0
            assert "rank 0 does allreduce of" in errors

    def test_a_rank_that_is_gone_is_named(self, two_ranks):
        process, other = two_ranks(
            "results = [hccl_ops.allreduce(own, 'sum')]", "raise SystemExit(3)"
        )
        other.communicate(timeout=60)
        _, errors = process.communicate(timeout=60)
        assert "rank [1] is missing: it did not connect in 10 s" in errors
