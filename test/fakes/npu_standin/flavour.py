"""Which flavour of npu_bridge was imported, and a way to import one within a running process."""

import contextlib
import importlib
import os
import sys

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

name = None
"""`old`, `new`, or None before npu_bridge was imported."""


def choose(chosen):
    """Is called by the `npu_bridge` of each flavour when it is imported."""
    global name
    name = chosen


@contextlib.contextmanager
def installed(chosen):
    """Makes `import npu_bridge` find one flavour within a `with` block, and forgets it after.

    Classes of two flavours must not meet: no object made within may be used outside.
    """
    path = os.path.join(FOLDER, "npu_" + chosen)
    _forget()
    sys.path.insert(0, path)
    try:
        importlib.invalidate_caches()
        yield
    finally:
        sys.path.remove(path)
        _forget()


def _forget():
    global name
    name = None
    for module in list(sys.modules):
        if module.split(".")[0] == "npu_bridge":
            del sys.modules[module]
