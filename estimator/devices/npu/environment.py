"""The environment variables by which npu_bridge knows its job and its rank."""

import os

from estimator.errors import OptionsError

# For one NPU alone, where the caller sets nothing. Any JOB_ID will do.
_DEFAULTS = {"JOB_ID": "10087", "RANK_ID": "0", "RANK_SIZE": "1", "ASCEND_DEVICE_ID": "0"}


def read_ranks():
    """Reads this process's rank and the number of ranks; those of one NPU alone if unset.

    Raises:
        OptionsError: A variable is not a whole number.
    """
    return _whole_number("RANK_ID"), _whole_number("RANK_SIZE")


def set_defaults():
    """Sets the variables that are not set.

    npu_bridge reads them once, when the first Estimator is made.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)


def _whole_number(name):
    found = os.environ.get(name, _DEFAULTS[name])
    try:
        return int(found)
    except ValueError:
        raise OptionsError(f"{name}={found} in the environment is not a whole number") from None
