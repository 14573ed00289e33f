"""Scores of pictures, by other code than the program's own: scikit-image, SciPy and NumPy."""

import math
from collections import namedtuple

import numpy as np
from scipy.ndimage import correlate1d
from scipy.spatial import cKDTree
from skimage.metrics import structural_similarity

from quality.grid import PERIODS, grid_scores, spectrum
from quality.kernel_distance import discrepancy_with_error

# Wang, Simoncelli, Bovik (2003): weights of five scales; windows of Wang et al. (2004).
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_RADIUS, _DEVIATION = 5, 1.5
_C1, _C2 = 0.01**2, 0.03**2
_SMALLEST_SIDE = (2 * _RADIUS + 1) * 2 ** (len(_WEIGHTS) - 1)
# The PSNR of equal pictures would be infinite, and no mean with it.
_LEAST_ERROR = 1e-10

Score = namedtuple("Score", ["name", "title", "larger_is_better", "digits"])
Score.__doc__ = """A score: its name in JSON, its head in tables, which way is better (None for
neither), and the digits that are shown."""

SCORES = (
    Score("l1", "L1", False, 4),
    Score("psnr", "PSNR, dB", True, 2),
    Score("ssim", "SSIM", True, 4),
    Score("ms_ssim", "MS-SSIM", True, 4),
    Score("kid", "KID x 1000", False, 2),
    Score("pixel_accuracy", "labels per pixel", True, 4),
    Score("class_accuracy", "per class", True, 4),
    Score("class_iou", "class IoU", True, 4),
    *(Score(f"grid_{period}", f"grid of {period}", None, 2) for period in PERIODS),
    *(Score(f"energy_{period}", f"energy at {period}", None, 2) for period in PERIODS),
)


def score_pictures(triples, palette=None, features=None):
    """Scores a set of pictures.

    Args:
        triples: Iterable of `Triple`.
        palette: int [classes, 3], the colours of the targets' classes, or None.
        features: Function of a picture, float [height, width, channels] in [0, 1], to its features,
            and of whether it is a target; None leaves out KID.

    Returns:
        Dict of the names of `SCORES` to numbers, those that there are; and `kid_error`, the
        standard error of `kid` over the pictures. `kid` is 1000 times the distance.
    """
    columns, spectra, vectors = {}, {"output": [], "target": []}, {"output": [], "target": []}
    confusion = None if palette is None else np.zeros([len(palette)] * 2, np.int64)
    for triple in triples:
        pair = {which: getattr(triple, which) / 255.0 for which in spectra}
        for name, value in picture_scores(pair["output"], pair["target"]).items():
            columns.setdefault(name, []).append(value)
        for which, picture in pair.items():
            spectra[which].append(spectrum(picture))
            if features is not None:
                vectors[which].append(features(picture, which == "target"))
        if palette is not None:
            confusion += _confusion(triple.output, triple.target, palette)
    scores = {name: float(np.mean(values)) for name, values in columns.items()}
    scores.update(grid_scores(spectra["output"], spectra["target"]))
    if palette is not None:
        scores.update(label_scores(confusion))
    if features is not None and len(vectors["output"]) > 1:
        sets = [np.array(vectors[which]) for which in ("output", "target")]
        kid, error = discrepancy_with_error(*sets)
        scores["kid"] = 1000 * kid
        scores["kid_error"] = None if error is None else 1000 * error
    return scores


def picture_scores(output, target):
    """Scores one picture.

    Args:
        output: float64 [height, width, channels] in [0, 1].
        target: Likewise.

    Returns:
        Dict of `l1`, `psnr` in dB, at most 100, `ssim` and, where both sides have 176 pixels,
        `ms_ssim`; data range 1, means over the channels.
    """
    error = max(float(np.mean((output - target) ** 2)), _LEAST_ERROR)
    channels = range(output.shape[2])
    scores = {
        "l1": float(np.mean(np.abs(output - target))),
        "psnr": -10.0 * math.log10(error),
        "ssim": float(np.mean([_ssim(output[..., each], target[..., each]) for each in channels])),
    }
    if min(output.shape[:2]) >= _SMALLEST_SIDE:
        scores["ms_ssim"] = float(
            np.mean([_ms_ssim(output[..., each], target[..., each]) for each in channels])
        )
    return scores


def _ssim(first, second):
    return structural_similarity(
        first,
        second,
        data_range=1.0,
        gaussian_weights=True,
        sigma=_DEVIATION,
        use_sample_covariance=False,
    )


def _ms_ssim(first, second):
    product = 1.0
    for scale, weight in enumerate(_WEIGHTS):
        luminance, contrast = _similarities(first, second)
        is_last = scale == len(_WEIGHTS) - 1
        value = np.mean(luminance * contrast) if is_last else np.mean(contrast)
        product *= max(float(value), 0.0) ** weight
        first, second = _halved(first), _halved(second)
    return product


def _similarities(first, second):
    """SSIM's two factors at each place where the window fits in."""
    mean, other = _blurred(first), _blurred(second)
    variances = _blurred(first**2) - mean**2 + _blurred(second**2) - other**2
    covariance = _blurred(first * second) - mean * other
    luminance = (2 * mean * other + _C1) / (mean**2 + other**2 + _C1)
    return luminance, (2 * covariance + _C2) / (variances + _C2)


def _blurred(picture):
    places = np.arange(-_RADIUS, _RADIUS + 1)
    window = np.exp(-0.5 * (places / _DEVIATION) ** 2)
    window /= window.sum()
    for axis in (0, 1):
        picture = correlate1d(picture, window, axis)
    return picture[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS]


def _halved(picture):
    height, width = (side // 2 * 2 for side in picture.shape)
    parts = (picture[top:height:2, left:width:2] for top in (0, 1) for left in (0, 1))
    return sum(parts) / 4.0


def _confusion(output, target, palette):
    """Counts pixels by the class of the nearest colour: int [target, output]."""
    tree = cKDTree(palette)
    found, real = (tree.query(each.reshape(-1, 3).astype(float))[1] for each in (output, target))
    count = len(palette)
    return np.bincount(real * count + found, minlength=count**2).reshape(count, count)


def label_scores(confusion):
    """Sums up counts of pixels with the definitions of Long et al. (2015), as the paper does.

    Args:
        confusion: int [target, output].

    Returns:
        Dict of `pixel_accuracy`, and of `class_accuracy` and `class_iou`, means over the classes
        that the targets have.
    """
    right, real, found = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    present = real > 0
    return {
        "pixel_accuracy": float(right.sum() / real.sum()),
        "class_accuracy": float(np.mean(right[present] / real[present])),
        "class_iou": float(np.mean(right[present] / (real + found - right)[present])),
    }
