"""The stand-in's own error."""


class DeviceFatalError(RuntimeError):
    """The real thing would die here: its C++ part refuses by a fatal log message."""
