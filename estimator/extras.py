"""Packages that only some features need, and that setup.py lists as extras."""

import importlib
import warnings

from estimator.errors import OptionsError


def import_extra(name, extra, flag):
    """Imports a module of an extra.

    Args:
        name: Of the module, in full.
        extra: Its name in setup.py.
        flag: Flag and value that need it, for messages.

    Returns:
        The module.

    Raises:
        OptionsError: It does not import; says why and what would work.
    """
    try:
        with warnings.catch_warnings():
            # Some were written for another NumPy, and say so.
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except Exception as error:  # Of versions that do not go together, any kind.
        package = name.split(".")[0]
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise OptionsError(
            f"{flag}: needs the package {package}, which cannot be imported ({reason}); "
            f"install it by pip install '.[{extra}]' in the folder of setup.py"
        ) from None
