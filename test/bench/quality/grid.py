"""A figure for the grid that generators leave in flat parts: what stands out at a few periods."""

import numpy as np

PERIODS = (2, 4, 8)
# Of a frequency of 1 / period, in cycles per pixel: what is within the first counts as the grid's,
# since a grid that is weaker in some parts is wider in the spectrum; what is between the second and
# the third is the neighbourhood.
_OWN, _FROM, _TO = 1 / 64, 1 / 32, 1 / 16
# So that nothing stands out in a picture without anything in it.
_TINY = 1e-16
# Rec. 601.
_LUMINANCE = (0.299, 0.587, 0.114)


def spectrum(picture):
    """Computes how the luminance's energy is spread over frequencies, along rows and columns.

    A pattern that repeats in both directions is in both spectra: each is the mean over all lines.

    Args:
        picture: float [height, width, 1 or 3] in [0, 1].

    Returns:
        Two float64 arrays, [width / 2 + 1] of the rows and [height / 2 + 1] of the columns: squared
        amplitudes by frequency 0 to 1/2 in steps of 1 / length.
    """
    picture = np.asarray(picture, np.float64)
    grey = picture[..., 0] if picture.shape[-1] == 1 else picture @ _LUMINANCE
    return _line_spectrum(grey), _line_spectrum(grey.T)


def _line_spectrum(lines):
    length = lines.shape[1]
    # Without a window, the jump from a line's end to its begin would look like all frequencies.
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    centred = lines - lines.mean(axis=1, keepdims=True)
    energy = np.abs(np.fft.rfft(centred * window, axis=1)) ** 2
    return energy.mean(axis=0) / np.sum(window) ** 2


def energies(spectra):
    """Measures the energy at each period, and in its neighbourhood.

    Args:
        spectra: List of pairs as `spectrum` gives, of pictures of one size.

    Returns:
        Dict of period to (energy, neighbours' energy), of all pictures together, rows and columns.
        Of the neighbours it is the geometric mean, as spectra fall steeply.
    """
    totals = [np.mean(lines, axis=0) for lines in zip(*spectra)]
    return {
        period: tuple(np.sum([_energies(total, period) for total in totals], axis=0))
        for period in PERIODS
    }


def _energies(total, period):
    length = 2 * (len(total) - 1)
    distance = np.abs(np.arange(len(total)) / length - 1 / period)
    own = total[distance <= max(_OWN, 1 / length)]
    around = total[(distance >= _FROM) & (distance <= max(_TO, 3 / length))]
    return own.mean() + _TINY, np.exp(np.mean(np.log(around + _TINY)))


def grid_scores(outputs, targets):
    """Compares what stands out in the outputs with what does in the targets.

    Args:
        outputs: Spectra of the outputs, a list as for `prominence`.
        targets: Likewise.

    Returns:
        Dict of `grid_2`, `grid_4`, `grid_8`: energy at that period against its neighbours', as a
        multiple of the targets'; and of `energy_2` and so on: the energy itself, as a multiple of
        the targets'. Both are 1 where outputs are as the targets.
    """
    found, real = energies(outputs), energies(targets)
    scores = {}
    for period in PERIODS:
        (energy, around), (real_energy, real_around) = found[period], real[period]
        scores[f"grid_{period}"] = (energy / around) / (real_energy / real_around)
        scores[f"energy_{period}"] = energy / real_energy
    return {name: float(value) for name, value in scores.items()}
