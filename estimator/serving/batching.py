"""Requests that come together go through the network together."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from estimator.errors import RunError


class Batcher:
    """Hands pictures to a network, as many at a time as are waiting when it is free.

    Nothing is waited for in order to fill a batch: alone, a picture goes at once; under load, what
    comes while the network is at work makes the next batch. The network works in one thread of its
    own. To be made and used within an event loop.

    Args:
        translate: Function of float32 [any, height, width, channels] that returns as many outputs.
        max_batch: The most pictures at a time.
        count_batch: Function that is told of each batch, (pictures, seconds).
    """

    def __init__(self, translate, max_batch, count_batch):
        self._translate = translate
        self._max_batch = max_batch
        self._count_batch = count_batch
        self._waiting = deque()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._task = asyncio.ensure_future(self._work())

    async def translate(self, picture):
        """Translates a picture; cancelled before its turn, it is left out.

        Args:
            picture: float32 [height, width, channels] in [-1, 1].

        Returns:
            float32 [height, width, output channels] in [-1, 1].

        Raises:
            RunError: The memory does not suffice.
        """
        answer = asyncio.get_event_loop().create_future()
        self._waiting.append((picture, answer))
        self._arrived.set()
        return await answer

    async def close(self):
        """Ends; what is still waiting is cancelled."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for _, answer in self._waiting:
            answer.cancel()
        self._thread.shutdown()

    async def _work(self):
        while True:
            await self._arrived.wait()
            batch = self._next_batch()
            if batch:
                await self._translate_batch(batch)

    def _next_batch(self):
        batch = []
        while self._waiting and len(batch) < self._max_batch:
            picture, answer = self._waiting.popleft()
            if not answer.done():  # Its client has given up, or it took too long.
                batch.append((picture, answer))
        if not self._waiting:
            self._arrived.clear()
        return batch

    async def _translate_batch(self, batch):
        try:
            outputs = await self._run([picture for picture, _ in batch])
        except RunError as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            # What is too much together may do one by one.
            for one in batch:
                await self._translate_batch([one])
        except Exception as error:  # The next batch is to be served all the same.
            _fail(batch, error)
        else:
            for (_, answer), output in zip(batch, outputs):
                if not answer.done():
                    answer.set_result(output)

    async def _run(self, pictures):
        started = time.monotonic()
        outputs = await asyncio.get_event_loop().run_in_executor(
            self._thread, lambda: self._translate(np.stack(pictures))
        )
        self._count_batch(len(pictures), time.monotonic() - started)
        return outputs


def _fail(batch, error):
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
