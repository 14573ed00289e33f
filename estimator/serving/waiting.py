"""How many pictures are waited for at a time; further ones are turned away at once."""

import contextlib

from estimator.serving.refusals import RefusedError, busy


class Waiting:
    """Counts what is read, waited for or worked on.

    Attributes:
        pictures: Their number now.

    Args:
        limit: Their largest number.
    """

    def __init__(self, limit):
        self.pictures = 0
        self._limit = limit

    @contextlib.contextmanager
    def place(self, number=1, held=0):
        """Keeps places for some pictures.

        Args:
            number: Of the pictures.
            held: Places that their request has already.

        Raises:
            RefusedError: 413 where so many can never be had, 503 where they cannot be had now.
        """
        if number + held > self._limit:
            raise RefusedError(
                413,
                f"the request has {number + held} pictures, {self._limit} are the most "
                "(--max_waiting)",
            )
        if self.pictures + number > self._limit:
            raise busy(
                f"{self.pictures} pictures are waiting, of {self._limit} at most (--max_waiting); "
                "try again later"
            )
        self.pictures += number
        try:
            yield
        finally:
            self.pictures -= number
