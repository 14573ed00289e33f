"""Judged by scikit-image, with the windows of the paper on SSIM (Wang et al. 2004)."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from model_fn.metrics import image_metrics


def measure(batches):
    """Goes through (fake, target) batches as an evaluation does."""
    with tf.Graph().as_default(), tf.Session() as session:
        channels = batches[0][0].shape[-1]
        fake, target = (tf.placeholder(tf.float32, [None, 32, 48, channels]) for _ in range(2))
        metrics = image_metrics(fake, target)
        session.run(tf.local_variables_initializer())
        for batch in batches:
            session.run(
                [update for _, update in metrics.values()], dict(zip((fake, target), batch))
            )
        return session.run({name: value for name, (value, _) in metrics.items()})


def expected(fake, target):
    """The measures of one picture."""
    fake, target = (np.asarray(picture, np.float64) * 0.5 + 0.5 for picture in (fake, target))
    _, similarity = structural_similarity(
        fake,
        target,
        data_range=1.0,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return {
        "l1": np.mean(np.abs(fake - target)),
        "psnr": peak_signal_noise_ratio(target, fake, data_range=1.0),
        # Where the window of 11x11 lies wholly inside the picture.
        "ssim": np.mean(similarity[5:-5, 5:-5]),
    }


def smooth_pictures(count, channels, seed):
    """Waves in [-1, 1], that noise can be added to."""
    random = np.random.RandomState(seed)
    rows, columns = np.mgrid[:32, :48]
    waves = [
        np.sin(rows * row + columns * column + phase)
        for row, column, phase in random.uniform(0.05, 0.5, [count * channels, 3])
    ]
    return np.reshape(waves, [count, channels, 32, 48]).transpose(0, 2, 3, 1) * 0.9


def disturbed(pictures, deviation, seed=0):
    noise = np.random.RandomState(seed).normal(0.0, deviation, pictures.shape)
    return np.clip(pictures + noise, -1.0, 1.0)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("deviation", [0.01, 0.1, 0.5])
def test_one_picture_is_measured_as_by_scikit_image(channels, deviation):
    target = smooth_pictures(1, channels, seed=3)
    fake = disturbed(target, deviation)
    measured, wanted = measure([(fake, target)]), expected(fake[0], target[0])
    assert list(measured) == ["l1", "psnr", "ssim"]
    assert measured["l1"] == pytest.approx(wanted["l1"], rel=1e-4)
    assert measured["psnr"] == pytest.approx(wanted["psnr"], abs=1e-3)
    assert measured["ssim"] == pytest.approx(wanted["ssim"], abs=1e-4)


def test_each_picture_counts_the_same_however_it_is_batched():
    target = smooth_pictures(5, 3, seed=4)
    fake = np.concatenate(
        [disturbed(target[n : n + 1], 0.02 + 0.1 * n, seed=n) for n in range(len(target))]
    )
    each = [expected(*pair) for pair in zip(fake, target)]
    wanted = {name: np.mean([one[name] for one in each]) for name in ("l1", "psnr", "ssim")}
    for sizes in ([5], [2, 2, 1], [4, 1]):
        ends = np.cumsum(sizes)[:-1]
        measured = measure(list(zip(np.split(fake, ends), np.split(target, ends))))
        assert measured == pytest.approx(wanted, abs=1e-3)


def test_a_copy_of_the_target_is_perfect():
    target = smooth_pictures(2, 3, seed=5)
    measured = measure([(target, target)])
    assert measured["l1"] == 0.0
    assert measured["psnr"] == float("inf")
    assert measured["ssim"] == pytest.approx(1.0, abs=1e-6)


def test_noise_is_poor():
    target = smooth_pictures(2, 3, seed=6)
    measured = measure([(np.random.RandomState(0).uniform(-1, 1, target.shape), target)])
    assert measured["l1"] > 0.2
    assert measured["psnr"] < 10.0
    assert measured["ssim"] < 0.1


def test_numbers_by_hand():
    # Black against a grey of 0.2 on a scale of 0..1: the distance is 0.2, its square 0.04, and
    # 10 log10(1 / 0.04) = 13.9794. Flat pictures have but the first factor of SSIM,
    # (2 * 0 * 0.2 + 0.0001) / (0 + 0.04 + 0.0001) = 0.00249377.
    black, grey = np.full([1, 32, 48, 3], -1.0), np.full([1, 32, 48, 3], -0.6)
    measured = measure([(black, grey)])
    assert measured["l1"] == pytest.approx(0.2, rel=1e-4)
    assert measured["psnr"] == pytest.approx(13.9794, rel=1e-5)
    assert measured["ssim"] == pytest.approx(0.00249377, rel=1e-3)
