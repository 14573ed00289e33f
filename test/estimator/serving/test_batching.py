"""Batches, with functions for networks: what shares one, what is left out, what fails."""

import asyncio
import threading

import numpy as np
import pytest

from estimator.errors import RunError
from estimator.serving.batching import Batcher


def together(translate, pictures, max_batch=4, give_up=()):
    """Has pictures translated at once; returns results or errors, and the sizes of batches."""
    sizes = []

    async def run():
        batcher = Batcher(translate, max_batch, lambda number, seconds: sizes.append(number))
        tasks = [asyncio.ensure_future(batcher.translate(each)) for each in pictures]
        await asyncio.sleep(0)
        for place in give_up:
            tasks[place].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await batcher.close()
        return results

    return asyncio.run(run()), sizes


def numbered(count):
    return [np.full([1, 1, 1], number, np.float32) for number in range(count)]


def test_everyone_gets_the_own_output_from_batches_that_are_full():
    results, sizes = together(lambda pictures: pictures * 2, numbered(10))
    assert [float(result) for result in results] == [2 * number for number in range(10)]
    assert sizes == [4, 4, 2]


def test_who_has_given_up_is_left_out():
    seen = []

    def translate(pictures):
        seen.extend(pictures.ravel().tolist())
        return pictures

    results, _ = together(translate, numbered(4), give_up=[1, 2])
    assert seen == [0, 3]
    assert isinstance(results[1], asyncio.CancelledError)


def test_what_is_too_much_together_is_done_one_by_one():
    def translate(pictures):
        if len(pictures) > 1:
            raise RunError("out of memory")
        return pictures

    results, sizes = together(translate, numbered(3))
    assert [float(result) for result in results] == [0, 1, 2]
    assert sizes == [1, 1, 1]


@pytest.mark.parametrize("kind", [RunError, ValueError])
def test_a_failure_is_that_of_its_batch_alone(kind):
    def translate(pictures):
        if 0 in pictures:
            raise kind("bad")
        return pictures

    results, _ = together(translate, numbered(3), max_batch=1)
    assert isinstance(results[0], kind)
    assert [float(result) for result in results[1:]] == [1, 2]


def test_the_network_is_one_threads_which_is_not_the_loops():
    threads = set()

    def translate(pictures):
        threads.add(threading.current_thread())
        return pictures

    together(translate, numbered(9), max_batch=2)
    assert len(threads) == 1
    assert threading.current_thread() not in threads
