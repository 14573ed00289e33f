"""How close a translation is to its target: L1, PSNR, SSIM, MS-SSIM, on pictures in 0..1."""

import math

import tensorflow.compat.v1 as tf

from model_fn.masking import masked, weighted_mean

# MS-SSIM halves the picture four times (Wang, Simoncelli, Bovik 2003), and its window of 11x11
# pixels has to fit in what is left.
_SMALLEST_SIDE_OF_MS_SSIM = 11 * 2**4


def picture_scores(fake, target, weights=None):
    """Scores each picture.

    Args:
        fake: float32 [batch, height, width, channels] in [-1, 1], the generator's pictures.
        target: The real ones.
        weights: float32 [batch, height, width, 1] in [0, 1], how much each pixel counts; None if
            all count the same. L1 and PSNR are weighted; where it is 0, SSIM sees both pictures
            alike.

    Returns:
        Dict of float32 [batch]: `l1` on a 0..1 scale, `psnr` in dB (infinite for equal pictures),
        `ssim` (Gaussian window of 11x11, deviation 1.5) and, where both sides have 176 pixels,
        `ms_ssim` of five scales; all with a data range of 1 and as means over the channels.
    """
    fake, target = (masked(picture, weights) * 0.5 + 0.5 for picture in (fake, target))
    scores = {
        "l1": weighted_mean(tf.abs(fake - target), weights, axis=[1, 2, 3]),
        "psnr": _psnr(fake, target, weights),
        "ssim": tf.image.ssim(fake, target, max_val=1.0),
    }
    if min(target.shape.as_list()[1:3]) >= _SMALLEST_SIDE_OF_MS_SSIM:
        scores["ms_ssim"] = tf.image.ssim_multiscale(fake, target, max_val=1.0)
    return scores


def _psnr(fake, target, weights):
    if weights is None:
        return tf.image.psnr(fake, target, max_val=1.0)
    squared = weighted_mean(tf.square(fake - target), weights, axis=[1, 2, 3])
    return -10.0 / math.log(10.0) * tf.log(squared)


def image_metrics(fake, target, weights=None):
    """Builds the streaming means over an evaluation, each picture counting the same.

    Args:
        fake: As for `picture_scores`.
        target: The real ones.
        weights: As for `picture_scores`.

    Returns:
        Dict of (value, update op) as Estimator takes them, of l1, psnr and ssim.
    """
    scores = picture_scores(fake, target, weights)
    return {name: tf.metrics.mean(scores[name]) for name in ("l1", "psnr", "ssim")}
