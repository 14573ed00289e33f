import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from model_fn.metrics import picture_scores

MS_SSIM_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]  # Wang et al. (2003), section 3.2.


def scores_of(fake, target):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(picture_scores(tf.constant(fake), tf.constant(target)))


def smooth_pictures(seed, side, count=2, channels=3):
    noise = np.random.RandomState(seed).uniform(-1, 1, (count, side, side, channels))
    smooth = gaussian_filter(noise, [0, 3, 3, 0])
    return (smooth / np.abs(smooth).max()).astype(np.float32)


def contrast_and_ssim(x, y):
    """Means of the contrast-structure map and of the SSIM map of one channel in 0..1."""

    def blur(picture):
        return gaussian_filter(picture, 1.5, truncate=3.5)[5:-5, 5:-5]

    mean_x, mean_y = blur(x), blur(y)
    variances = blur(x * x) - mean_x**2 + blur(y * y) - mean_y**2
    contrast = (2 * (blur(x * y) - mean_x * mean_y) + 0.03**2) / (variances + 0.03**2)
    light = (2 * mean_x * mean_y + 0.01**2) / (mean_x**2 + mean_y**2 + 0.01**2)
    return contrast.mean(), (contrast * light).mean()


def ms_ssim(x, y):
    product = 1.0
    for scale, weight in enumerate(MS_SSIM_WEIGHTS):
        contrast, ssim = contrast_and_ssim(x, y)
        product *= max(ssim if scale == 4 else contrast, 0) ** weight
        x, y = (each.reshape(each.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3)) for each in (x, y))
    return product


@pytest.fixture(scope="module")
def pair():
    target = smooth_pictures(0, 192)
    noise = np.random.RandomState(1).normal(0, 0.2, target.shape)
    return np.clip(target + noise, -1, 1).astype(np.float32), target


@pytest.fixture(scope="module")
def scored(pair):
    return scores_of(*pair)


class TestAgainstOtherPrograms:
    def in_zero_to_one(self, pair, number):
        return [(picture[number].astype(np.float64) + 1) / 2 for picture in pair]

    @pytest.mark.parametrize("number", [0, 1])
    def test_l1_is_the_mean_distance_on_a_scale_of_one(self, pair, scored, number):
        x, y = self.in_zero_to_one(pair, number)
        assert scored["l1"][number] == pytest.approx(np.abs(x - y).mean(), rel=1e-5)

    @pytest.mark.parametrize("number", [0, 1])
    def test_psnr_is_that_of_scikit_image(self, pair, scored, number):
        x, y = self.in_zero_to_one(pair, number)
        expected = peak_signal_noise_ratio(y, x, data_range=1)
        assert scored["psnr"][number] == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("number", [0, 1])
    def test_ssim_is_that_of_scikit_image(self, pair, scored, number):
        x, y = self.in_zero_to_one(pair, number)
        expected = structural_similarity(
            x,
            y,
            data_range=1,
            channel_axis=2,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        assert scored["ssim"][number] == pytest.approx(expected, abs=1e-4)

    @pytest.mark.parametrize("number", [0, 1])
    def test_ms_ssim_is_the_product_over_five_scales(self, pair, scored, number):
        x, y = self.in_zero_to_one(pair, number)
        expected = np.mean([ms_ssim(x[..., c], y[..., c]) for c in range(3)])
        assert scored["ms_ssim"][number] == pytest.approx(expected, abs=1e-3)


class TestRange:
    def test_the_target_itself_scores_perfectly(self, pair):
        scores = scores_of(pair[1], pair[1])
        assert (scores["l1"] == 0).all()
        assert np.isinf(scores["psnr"]).all()
        np.testing.assert_allclose(scores["ssim"], 1, atol=1e-6)
        np.testing.assert_allclose(scores["ms_ssim"], 1, atol=1e-6)

    def test_noise_scores_poorly(self, pair):
        noise = np.random.RandomState(2).uniform(-1, 1, pair[1].shape).astype(np.float32)
        scores = scores_of(noise, pair[1])
        assert (scores["l1"] > 0.2).all()
        assert (scores["psnr"] < 12).all()
        assert (scores["ssim"] < 0.1).all()
        assert (scores["ms_ssim"] < 0.3).all()

    @pytest.mark.parametrize(("side", "has"), [(160, False), (176, True)])
    def test_ms_ssim_is_left_out_where_five_scales_do_not_fit(self, side, has):
        pictures = smooth_pictures(3, side, count=1, channels=1)
        assert ("ms_ssim" in scores_of(pictures, pictures)) is has
