"""KID: how far two sets of pictures are apart in a network's features (Binkowski et al., 2018)."""

import math

import numpy as np

_GROUPS = 10


def squared_discrepancy(first, second):
    """Estimates the squared maximum mean discrepancy, without bias, over all pictures at once.

    The kernel is the paper's, (x.y / features + 1)^3.

    Args:
        first: float64 [pictures, features], at least two pictures.
        second: Likewise; the number of pictures may be another one.

    Returns:
        A number around 0 for sets of one kind; it may be negative.
    """
    kernels = _Kernels(first, second)
    return kernels.discrepancy(np.arange(len(first)), np.arange(len(second)))


def discrepancy_with_error(first, second):
    """Estimates the discrepancy and its standard error over the pictures.

    The error is the jackknife's: the estimate is made again with each tenth of the pictures left
    out, of both sets the same numbers, since they are pairs.

    Args:
        first: float64 [pictures, features].
        second: Likewise, of as many pictures.

    Returns:
        (discrepancy, standard error); both None of less than two pictures, the error None of less
        than four.
    """
    count = len(first)
    if count < 2:
        return None, None
    kernels, every = _Kernels(first, second), np.arange(count)
    whole = kernels.discrepancy(every, every)
    groups = min(_GROUPS, count // 2)
    if groups < 2:
        return whole, None
    estimates = []
    for group in range(groups):
        # Neighbours in the list may be alike, so a group is spread over all of it.
        kept = every[every % groups != group]
        estimates.append(kernels.discrepancy(kept, kept))
    deviation = np.sum((estimates - np.mean(estimates)) ** 2)
    return whole, math.sqrt(deviation * (groups - 1) / groups)


class _Kernels:
    """The kernel of each two pictures, computed once for all subsets."""

    def __init__(self, first, second):
        self._first, self._second, self._cross = (
            (one @ other.T / one.shape[1] + 1.0) ** 3
            for one, other in ((first, first), (second, second), (first, second))
        )

    def discrepancy(self, rows, columns):
        within = _mean_of_others(self._first[np.ix_(rows, rows)])
        within += _mean_of_others(self._second[np.ix_(columns, columns)])
        return float(within - 2.0 * self._cross[np.ix_(rows, columns)].mean())


def _mean_of_others(kernel):
    """The mean without the diagonal, where each picture meets itself."""
    count = len(kernel)
    return (kernel.sum() - np.trace(kernel)) / (count * (count - 1))
