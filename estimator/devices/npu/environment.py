"""The environment variables by which npu_bridge knows its job and its rank."""

import os

from estimator.errors import OptionsError

# Set by the launcher: the one of this machine's ranks that writes to the folder which they share.
SAVING_RANK_VARIABLE = "PIX2PIX_SAVING_RANK"

# For one NPU alone, where the caller sets nothing. Any JOB_ID will do.
_DEFAULTS = {"JOB_ID": "10087", "RANK_ID": "0", "RANK_SIZE": "1", "ASCEND_DEVICE_ID": "0"}


def read_ranks():
    """Reads this process's rank and the number of ranks; those of one NPU alone if unset.

    Raises:
        OptionsError: A variable is not a whole number.
    """
    return tuple(_whole_number(name, _DEFAULTS[name]) for name in ("RANK_ID", "RANK_SIZE"))


def saving_rank(rank):
    """Reads which rank writes to this one's folder: itself, where no launcher says otherwise.

    Args:
        rank: This process's.

    Raises:
        OptionsError: The variable is not a whole number.
    """
    return _whole_number(SAVING_RANK_VARIABLE, rank)


def set_defaults():
    """Sets the variables that are not set.

    npu_bridge reads them once, when the first Estimator is made.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)


def _whole_number(name, default):
    found = os.environ.get(name, default)
    try:
        return int(found)
    except ValueError:
        raise OptionsError(f"{name}={found} in the environment is not a whole number") from None
