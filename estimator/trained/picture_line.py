"""Many pictures: while some are translated, the next are read and the last are written."""

import collections
import contextlib
from concurrent import futures

import numpy as np

from estimator.trained.picture_steps import read_picture, write_result
from input_fn import DataError


def translate_all(work, predictor, options, complain, done, threads):
    """Translates pictures, as many at a time as the options say.

    Args:
        work: List of (picture as of `read_picture`, target as of `write_result`).
        predictor: `Predictor`.
        options: From `parse_predict_options`.
        complain: Function that is told, in one line, of each picture that cannot be read; the rest
            are translated.
        done: Function that is told the target of each picture that is written, in their order.
        threads: How many read and write beside the computation, and so how many pictures are in
            memory as they are in their files; 0 to do one thing after the other.

    Raises:
        RunError: The memory does not suffice.
        OSError: A file cannot be written.
    """
    size = options.batch_size
    parts = [work[start : start + size] for start in range(0, len(work), size)]
    # Small batches in turn keep all threads busy; a large one does by itself.
    number = -(-threads // size)
    with _Threads(threads) as beside:
        read = _ahead((_begin_reading(part, predictor, beside) for part in parts), number)
        written = (_translate(part, predictor, options, complain, beside) for part in read)
        for part in _ahead(written, number):
            for target, writing in part:
                writing.result()
                done(target)


def _ahead(items, number):
    """Takes so many items more than it has given."""
    taken = collections.deque()
    for item in items:
        taken.append(item)
        if len(taken) > number:
            yield taken.popleft()
    yield from taken


def _begin_reading(part, predictor, beside):
    return [(beside.start(read_picture, picture, predictor), target) for picture, target in part]


def _translate(part, predictor, options, complain, beside):
    """Translates what can be read, at once, and begins to write it; lists (target, future)."""
    read = []
    for reading, target in part:
        try:
            read.append((reading.result(), target))
        except DataError as error:
            complain(f"error: {error}")
    if not read:
        return []
    outputs = predictor.translate(np.stack([prepared.x for prepared, _ in read]))
    return [
        (target, beside.start(write_result, prepared, output, target, predictor, options))
        for (prepared, target), output in zip(read, outputs)
    ]


class _Threads(contextlib.AbstractContextManager):
    """Threads that end, once what they are at is done, with the work or its first error.

    Args:
        number: 0 for none: what is started is done by then.
    """

    def __init__(self, number):
        self._pool = futures.ThreadPoolExecutor(number, "pictures") if number else None
        self._has_ended = False

    def __exit__(self, *exception):
        self._has_ended = True
        if self._pool is not None:
            self._pool.shutdown()

    def start(self, function, *arguments):
        """Has a function called; returns the future of what it returns."""
        if self._pool is not None:
            return self._pool.submit(self._call, function, arguments)
        future = futures.Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def _call(self, function, arguments):
        if self._has_ended:
            raise futures.CancelledError
        return function(*arguments)
