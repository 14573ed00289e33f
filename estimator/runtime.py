"""Prepares TensorFlow, the same for every entry point. The one place that knows its versions."""

import contextlib
import gc
import os
import sys
import warnings

_STDERR = 2


def prepare_tensorflow():
    """Sets what has to be set before a graph is built.

    Resource variables: with TensorFlow 1.15's default reference variables, a read after an update
    in the same run is undefined, and the generator would see either discriminator.
    """
    # Before the import: the C++ side reads it once. What it logs as errors also comes as
    # exceptions, and what a user gets to see is to be one line.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings(), _nothing_to_collect():
        # TensorFlow 1.15 was written for an older NumPy and says so a dozen times.
        warnings.simplefilter("ignore")
        import tensorflow.compat.v1 as tf
        from tensorflow.python.util import deprecation
    # Warnings that would not be shown. On TensorFlow 1.15 to look for them takes a quarter of the
    # time in which a graph is built.
    deprecation._PRINT_DEPRECATION_WARNINGS = False
    tf.disable_eager_execution()
    tf.enable_resource_variables()
    tf.logging.set_verbosity(tf.logging.ERROR)


@contextlib.contextmanager
def _nothing_to_collect():
    """Keeps Python from looking for garbage among modules, which stay: then, and ever after."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def quiet():
    """Keeps from the console what TensorFlow's converters write to it past Python.

    It is no error: errors come as exceptions, which go through.
    """
    sys.stderr.flush()
    kept = os.dup(_STDERR)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), _STDERR)
    try:
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)


def prepare_data(arguments=None):
    """Runs input_fn/prepare.py as an installed command.

    To import anything of input_fn is to import TensorFlow, so that has to be kept quiet before.

    Args:
        arguments: Command and flags; None for those of the command line.

    Returns:
        Exit code, see `input_fn.prepare.main`.
    """
    prepare_tensorflow()
    from input_fn.prepare import main

    return main(arguments)
