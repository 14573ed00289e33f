"""Collective operations of two workers, both of which are in this process."""

import contextlib
import itertools
import socket
from concurrent import futures

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import collectives
from estimator.devices.collectives import DTYPES, Collectives

LEADER = "/job:worker/replica:0/task:0"
# Of each exchange, both ranks have the same numbers, which no other has.
FIRST_NUMBERS = itertools.count(1_000, 1_000)


@pytest.fixture(scope="module")
def servers():
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    config = tf.ConfigProto()
    config.experimental.collective_group_leader = LEADER
    return [
        tf.train.Server({"worker": workers}, job_name="worker", task_index=rank, config=config)
        for rank in range(2)
    ]


@pytest.fixture
def exchange(servers):
    """Has both ranks build and run: a function of (dtype, what each rank has, what to do)."""

    first = next(FIRST_NUMBERS)

    def run(rank, dtype, arrays, build):
        with tf.Graph().as_default(), tf.device(LEADER.replace("task:0", f"task:{rank}")):
            with tf.device("/device:CPU:0"):
                tensors = [tf.constant(array) for array in arrays]
                fetches = build(Collectives(2, dtype, itertools.count(first)), tensors)
            with tf.Session(servers[rank].target) as session:
                return session.run(fetches)

    def exchanged(dtype, arrays_of_ranks, build):
        with futures.ThreadPoolExecutor(2) as executor:
            started = [
                executor.submit(run, rank, dtype, arrays, build)
                for rank, arrays in enumerate(arrays_of_ranks)
            ]
            return [each.result() for each in started]

    return exchanged


def sums(collectives, tensors):
    return collectives.sums(tensors)


def random_arrays(seed):
    """Some that travel alone and some that travel together, with odd and even numbers of values."""
    random = np.random.RandomState(seed)
    shapes = [(3,), (300, 301), (2, 1, 2), (1,), (512, 512)]
    return [random.normal(size=shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("adds", [True, False], ids=["as it can", "by gathering"])
def test_sums_are_those_of_numpy_and_the_same_on_both_ranks(exchange, monkeypatch, dtype, adds):
    monkeypatch.setattr(collectives, "ADDS_16_BITS", adds and collectives.ADDS_16_BITS)
    ranks = [random_arrays(seed) for seed in (0, 1)]
    one, other = exchange(dtype, ranks, sums)
    # Half of the distance from 1 to the next number.
    step = {"float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11}[dtype]
    for first, second, *mine in zip(one, other, *ranks):
        np.testing.assert_array_equal(first, second)
        assert first.dtype == np.float32
        largest_error = 2 * step * sum(np.abs(array) for array in mine)
        assert (np.abs(first - sum(mine)) <= largest_error + 1e-7).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_gathered_is_what_each_rank_has_in_their_order(exchange, dtype):
    # Whole numbers that all three types have.
    mine = [np.arange(6, dtype=np.float32).reshape(1, 2, 3), np.float32([7])]
    ranks = [mine, [array + 10 for array in mine]]

    def gather(collectives, tensors):
        return [collectives.gather(tensor) for tensor in tensors]

    for received in exchange(dtype, ranks, gather):
        for collected, *wanted in zip(received, *ranks):
            np.testing.assert_array_equal(collected, wanted)


def test_what_float16_cannot_hold_is_its_largest_and_what_is_not_finite_stays_so(exchange):
    ranks = [
        [np.float32([1e6, -1e6, 1.0, np.nan, -np.inf])],
        [np.float32([1e6, -3.0, 2.0, 1.0, 1.0])],
    ]
    for (total,) in exchange("float16", ranks, sums):
        # Of two that are added up in float16, each is half of it.
        assert 65000 < total[0] <= 2 * 65504
        assert -65504 - 3 <= total[1] < -32000
        assert total[2] == 3.0
        assert np.isnan(total[3])
        assert total[4] == -np.inf
