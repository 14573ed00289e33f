"""The error that ends a program with one line and exit code 2."""


class OptionsError(ValueError):
    """A flag, or what it points to, cannot work; the message is one line for the user."""
