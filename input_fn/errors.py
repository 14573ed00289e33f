"""The one error that this room raises about a user's files."""


class DataError(ValueError):
    """Something about the data on disk that its owner has to put right.

    The message is one line that names the file or folder, what was found there and what would
    work, so that a program can print it as it is, without a stack trace.
    """
