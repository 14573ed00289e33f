"""How many processes take part, and which one this is, as the environment says."""

import os

from npu_standin import flavour


def rank_size_text():
    """Reads the number of ranks as the real thing does, without checking that it is a number.

    Raises:
        ValueError: The new flavour found two answers.
    """
    rank_size = os.environ.get("RANK_SIZE")
    if flavour.name == "new":
        workers = os.environ.get("CM_WORKER_SIZE")
        if workers is not None and rank_size is not None:
            raise ValueError("RANK_SIZE and CM_WORKER_SIZE cannot both be set")
        rank_size = workers if rank_size is None else rank_size
    return "1" if rank_size is None else rank_size


def rank_size():
    """The number of ranks; 1 if the environment names none."""
    text = rank_size_text()
    return int(text) if text.isdigit() else 1
