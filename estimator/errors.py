"""Errors of a run whose message is one line for the user."""


class OptionsError(ValueError):
    """A flag cannot be used; the message names it, what was found and what would work."""


class RunError(RuntimeError):
    """A run that was rightly begun cannot go on; the message says why and what would help."""


class MachineError(RunError):
    """The machine gave out: a full disk, a broken connection. Nothing is wrong with the input."""
