"""Imports of npu_bridge, whose loader raises all kinds of errors.

Everything is imported by its explicit module path and only when an NPU is wanted: importing
`npu_bridge.npu_init` would change every later `tf.Session` of the process.
"""

import importlib
import importlib.util

from estimator.errors import OptionsError


def is_installed():
    """Whether there is an npu_bridge, which may still fail to import."""
    return importlib.util.find_spec("npu_bridge") is not None


def import_problem():
    """Says why npu_bridge, though installed, does not import; None if it does."""
    try:
        load("npu_bridge.estimator.npu.npu_config")
    except OptionsError as error:
        return f"npu_bridge cannot be imported: {_reason(error.__cause__)}"
    return None


def load(path):
    """Imports a module of npu_bridge.

    Args:
        path: Of the module, in full.

    Returns:
        The module.

    Raises:
        OptionsError: It does not import; says why and what would work.
    """
    try:
        return importlib.import_module(path)
    except Exception as error:
        raise OptionsError(
            f"--device npu: npu_bridge cannot be imported ({_reason(error)}); "
            "source CANN's set_env.sh, or use --device cpu"
        ) from error


def installed_version():
    """Names the version of npu_bridge, for messages."""
    return getattr(load("npu_bridge"), "__version__", "of no known version")


def _reason(error):
    return (str(error).splitlines() or [type(error).__name__])[0]
