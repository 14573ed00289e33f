"""Stretch, crop and pad, against Pillow."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image, ImageOps

from input_fn import PairFormat, evaluation_dataset, list_pairs, training_dataset


def smooth(seed, height, width):
    random = np.random.RandomState(seed)
    small = Image.fromarray(random.randint(0, 256, (5, 5, 3), np.uint8))
    return small.resize((width, height), Image.BICUBIC)


def write_pair(path, height, width):
    halves = [smooth(seed, height, width) for seed in (0, 1)]
    pair = Image.new("RGB", (2 * width, height))
    pair.paste(halves[0], (0, 0))
    pair.paste(halves[1], (width, 0))
    pair.save(str(path))
    return halves


def batches(dataset, count):
    with tf.Graph().as_default(), tf.Session() as session:
        iterator = tf.data.make_initializable_iterator(dataset())
        following = iterator.get_next()
        session.run(iterator.initializer)
        return [session.run(following) for _ in range(count)]


def to_levels(picture):
    return (picture + 1.0) * 127.5


@pytest.mark.parametrize(
    ("height", "width"), [(50, 90), (90, 50), (200, 100), (100, 300), (64, 64), (30, 30), (64, 96)]
)
class TestEvaluation:
    @pytest.fixture
    def halves(self, tmp_path, height, width):
        return write_pair(tmp_path / "1.png", height, width)

    def loaded(self, tmp_path, resize):
        form = PairFormat("AtoB", 3, 3, (64, 64), (64, 64), resize=resize)
        pairs = list_pairs(str(tmp_path))
        ((features, y),) = batches(lambda: evaluation_dataset(pairs, form), 1)
        return [to_levels(features["input"][0]), to_levels(y[0])]

    def test_stretched_both_halves_fill_the_picture(self, tmp_path, halves):
        for found, half in zip(self.loaded(tmp_path, "stretch"), halves):
            expected = half.resize((64, 64), Image.BILINEAR)
            assert np.abs(found - np.asarray(expected, float)).max() < 2

    def test_cropped_the_middle_is_kept_in_proportion(self, tmp_path, halves):
        for found, half in zip(self.loaded(tmp_path, "crop"), halves):
            scale = 64 / min(half.size)
            size = [round(side * scale) for side in half.size]
            left, top = ((side - 64) // 2 for side in size)
            whole = half.resize(size, Image.BILINEAR)
            expected = whole.crop((left, top, left + 64, top + 64))
            assert np.abs(found - np.asarray(expected, float)).max() < 2

    def test_padded_the_whole_is_kept_in_proportion_between_black_bars(self, tmp_path, halves):
        for found, half in zip(self.loaded(tmp_path, "pad"), halves):
            scale = 64 / max(half.size)
            size = tuple(round(side * scale) for side in half.size)
            expected = Image.new("RGB", (64, 64))
            place = tuple((64 - side) // 2 for side in size)
            expected.paste(half.resize(size, Image.BILINEAR), place)
            assert np.abs(found - np.asarray(expected, float)).max() < 2
            assert ImageOps.pad(half, (64, 64)).size == (64, 64)


class TestTraining:
    def windows(self, tmp_path, resize, count=30):
        """Returns the inputs of some training batches, and the whole A as loaded."""
        # A is a ramp from left to right in red and from top to bottom in green; B is A inverted.
        red = np.tile(np.arange(120), (60, 1))
        green = np.tile(np.arange(60)[:, None], (1, 120))
        a = np.stack([red, green, np.full_like(red, 200)], axis=-1).astype(np.uint8)
        Image.fromarray(np.concatenate([a, 255 - a], axis=1)).save(str(tmp_path / "1.png"))
        form = PairFormat("AtoB", 3, 3, (60, 60), (48, 48), resize=resize)
        return batches(
            lambda: training_dataset(list_pairs(str(tmp_path)), form, 1, seed=0, flip=False), count
        )

    @pytest.mark.parametrize("resize", ["crop", "pad"])
    def test_a_and_b_are_cut_alike(self, tmp_path, resize):
        for features, y in self.windows(tmp_path, resize, 5):
            x = to_levels(features["input"][0])
            inside = x[..., 2] > 199
            assert np.abs(x + to_levels(y[0]) - 255)[inside].max() < 1e-2

    def test_a_crop_may_come_from_anywhere_in_what_protrudes(self, tmp_path):
        lefts = [
            to_levels(features["input"][0])[0, 0, 0]
            for features, _ in self.windows(tmp_path, "crop")
        ]
        # 60x120 covers 60x60 as it is: windows of 48 start at columns 0 to 72.
        assert min(lefts) < 12
        assert 60 < max(lefts) <= 72.01

    def test_padded_windows_show_black_bars(self, tmp_path):
        for features, _ in self.windows(tmp_path, "pad", 5):
            blue = to_levels(features["input"][0])[..., 2]
            assert set(np.round(np.unique(blue[:, 24]))) == {0, 200}
            # 60x120 fits into 60x60 as 30x60: of 48 rows, 30 show the picture.
            assert (blue[:, 24] > 100).sum() == 30
