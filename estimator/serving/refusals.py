"""What a request is refused for, as an exception that becomes an answer."""

BUSY_SECONDS = 1  # After which a client that was turned away may well try again.


class RefusedError(Exception):
    """A request that is not carried out.

    Args:
        status: HTTP's code.
        message: What was found and what would work, for the client.
        headers: Dict of further headers of the answer.
    """

    def __init__(self, status, message, headers=None):
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


def busy(message):
    """Makes the refusal of what would be taken at another time."""
    return RefusedError(503, message, {"Retry-After": str(BUSY_SECONDS)})
