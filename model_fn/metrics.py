"""How close a translation is to its target: L1, PSNR and SSIM, on pictures in 0..1."""

import tensorflow.compat.v1 as tf


def image_metrics(fake, target):
    """Builds the streaming means over an evaluation, each picture counting the same.

    Args:
        fake: float32 [batch, height, width, channels] in [-1, 1], the generator's pictures.
        target: The real ones.

    Returns:
        Dict of (value, update op) as Estimator takes them: `l1` on a 0..1 scale, `psnr` in dB and
        `ssim` (Gaussian window of 11x11, deviation 1.5) with a data range of 1.
    """
    fake, target = (picture * 0.5 + 0.5 for picture in (fake, target))
    return {
        "l1": tf.metrics.mean(tf.reduce_mean(tf.abs(fake - target), axis=[1, 2, 3])),
        "psnr": tf.metrics.mean(tf.image.psnr(fake, target, max_val=1.0)),
        "ssim": tf.metrics.mean(tf.image.ssim(fake, target, max_val=1.0)),
    }
