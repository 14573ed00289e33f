"""Means over seeds with their errors, and differences between recipes, seed by seed."""

import math
from collections import namedtuple

import numpy as np

# A difference counts where it is larger than so many of its standard errors.
WANTED_ERRORS = 2.0

Estimate = namedtuple("Estimate", ["mean", "error", "count"])
Estimate.__doc__ = """A mean over seeds, its standard error (None of a single seed), and how many
seeds there are."""


def estimate(values):
    """Computes the mean and its standard error, deviation / sqrt(n) with n - 1 degrees of freedom.

    Args:
        values: Numbers, one to each seed.

    Returns:
        `Estimate`; None without values.
    """
    if not values:
        return None
    error = None
    if len(values) > 1:
        error = float(np.std(values, ddof=1) / math.sqrt(len(values)))
    return Estimate(float(np.mean(values)), error, len(values))


def paired_difference(first, other):
    """Estimates by how much a recipe differs from the first, of the seeds that both have.

    Runs of one seed see the same pairs in the same order and begin with the same draws, so what a
    seed does to both falls out.

    Args:
        first: Dict of seed to number.
        other: Likewise.

    Returns:
        `Estimate` of other - first; None without a common seed.
    """
    return estimate([other[seed] - first[seed] for seed in sorted(first) if seed in other])


def is_larger_than_error(difference):
    """Says whether an `Estimate` of a difference counts: more than twice its standard error."""
    if difference is None or difference.error is None:
        return False
    return abs(difference.mean) > WANTED_ERRORS * difference.error


def verdict(difference, larger_is_better):
    """Puts it into a word.

    Args:
        difference: `Estimate`, or None.
        larger_is_better: Whether more of the score is better; None where neither is.

    Returns:
        "better" or "worse" where the difference counts ("more", "less" where neither is better),
        else "".
    """
    if not is_larger_than_error(difference):
        return ""
    is_more = difference.mean > 0
    if larger_is_better is None:
        return "more" if is_more else "less"
    return "better" if is_more == larger_is_better else "worse"
