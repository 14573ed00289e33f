"""What goes wrong: errors that a user's files make, and outages of the machine."""

import errno
import os
import re
import socket

import tensorflow.compat.v1 as tf

# How newer versions of TensorFlow begin what they say of an operation.
_GRAPH_ERROR = "Graph execution error:"
_BROKEN = "a connection broke"
_FULL_IN_WORDS = re.compile("no space left on device|disk quota exceeded", re.IGNORECASE)
_FULL = "the disk is full"
_OUTAGES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the disk is full, or what this user may have of it",
    errno.EIO: "the disk does not read or write",
    errno.EPIPE: "what took the output has ended, or a connection broke",
    errno.ECONNRESET: _BROKEN,
    errno.ECONNABORTED: _BROKEN,
    errno.ETIMEDOUT: _BROKEN,
    errno.ENETUNREACH: _BROKEN,
    errno.EHOSTUNREACH: _BROKEN,
    errno.ENETDOWN: _BROKEN,
}


class DataError(ValueError):
    """Something about the data on disk that its owner has to put right.

    The message is one line that names the file or folder, what was found there and what would
    work, so that a program can print it without a stack trace. Settings are named in backquotes, as
    the fields that they are: a program may put the name of its flag there.

    Args:
        message: The line.
        others: Lines of the same kind, on what else is wrong.
    """

    def __init__(self, message, others=()):
        super().__init__(message)
        self.others = tuple(others)


def reason_of(error):
    """Says in one line what an exception says; its kind, if that is nothing."""
    lines = list(filter(None, str(error).splitlines())) or [type(error).__name__]
    if lines[0] == _GRAPH_ERROR and lines[1:]:
        # Where in the graph that was may stand above what has failed.
        places = [number for number, line in enumerate(lines[:-1]) if line.startswith("Node: ")]
        return lines[(places[0] if places else 0) + 1]
    return lines[0]


def printable(path):
    """Writes a path, whose bytes may be no UTF-8, so that any terminal can show it."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_utf8(path):
    """Says whether a path's bytes are UTF-8, which is what TensorFlow takes."""
    return printable(path) == path


def outage_of(error):
    """Says what of the machine or the network has failed, of which no input is to blame.

    Args:
        error: An exception.

    Returns:
        A few words, such as "the disk is full"; None if it is an error of another kind.
    """
    if isinstance(error, tf.errors.ResourceExhaustedError):
        # So TensorFlow calls a disk that is full, and memory that is; the system's words follow.
        return _FULL if _FULL_IN_WORDS.search(str(error)) else None
    if isinstance(
        error, (socket.timeout, tf.errors.UnavailableError, tf.errors.DeadlineExceededError)
    ):
        return _BROKEN
    return _OUTAGES.get(error.errno) if isinstance(error, OSError) else None
