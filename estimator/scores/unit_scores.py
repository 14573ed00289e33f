"""L1, RMSE and PSNR of each band, in the units of the run's targets."""

import math

import numpy as np

from input_fn import stored_values

COLUMNS = {"l1": "L1", "rmse": "RMSE", "psnr": "PSNR (dB)"}


class UnitScores:
    """Adds up the errors of a set of pictures.

    Args:
        bands: Tuple of `Band`, those of the targets.
    """

    def __init__(self, bands):
        self._bands = bands
        self._sums = np.zeros([3, len(bands)])  # Of weights, absolute and squared errors.

    def add(self, output, target, weights=None):
        """Adds a picture.

        Args:
            output: float [height, width, channels] in [-1, 1].
            target: Likewise.
            weights: float [height, width, 1], how much each pixel counts; None for 1.

        Returns:
            List of the picture's own scores, as of `summary`.
        """
        values = [stored_values(each, self._bands).astype(np.float64) for each in (output, target)]
        errors = values[0] - values[1]
        counts = np.ones_like(errors) if weights is None else weights * np.ones_like(errors)
        # Where nothing counts, an error may be of any size.
        errors = np.where(counts > 0, errors, 0.0)
        sums = np.array(
            [
                (counts * each).sum(axis=(0, 1))
                for each in (np.ones_like(errors), np.abs(errors), errors**2)
            ]
        )
        self._sums += sums
        return self._scores(sums)

    def summary(self):
        """Sums up, over all pixels of all pictures.

        Returns:
            List of dicts, one to a band: `band`, its number from 1; `black` and `white`, the ends
            of its range; `l1`, mean absolute error, and `rmse`, the root of the mean squared one,
            both in units; and `psnr`, in dB, whose peak is the whole range (infinite without an
            error).
        """
        return [
            {"band": number, "black": band.black, "white": band.white, **scores}
            for number, (band, scores) in enumerate(zip(self._bands, self._scores(self._sums)), 1)
        ]

    def _scores(self, sums):
        weight, absolute, squared = sums
        scores = []
        for number, band in enumerate(self._bands):
            rmse = math.sqrt(squared[number] / weight[number])
            psnr = 20.0 * math.log10((band.white - band.black) / rmse) if rmse else math.inf
            scores.append(
                {"l1": float(absolute[number] / weight[number]), "rmse": rmse, "psnr": psnr}
            )
        return scores


def unit_lines(bands):
    """Writes a summary as lines for the console."""
    head = "".join(f" {title:>11}" for title in COLUMNS.values())
    lines = [f"{'in units':<22}{head}"]
    for band in bands:
        numbers = "".join(f" {float(band[name]):>11.5g}" for name in COLUMNS)
        lines.append(f"{'target:' + str(band['band']):<22}{numbers}")
    return lines
