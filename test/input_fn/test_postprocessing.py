import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from input_fn import PairFormat, Presentation, to_levels

PRESENTATION = Presentation(PairFormat("AtoB", 3, 3, (8, 8), (8, 8)))


class TestToLevels:
    def convert(self, evaluate, values):
        result = evaluate(lambda: to_levels(tf.constant(values, tf.float32)))
        assert result.dtype == np.uint8
        return result.tolist()

    def test_ends_and_middle(self, evaluate):
        # The middle is 127.5: of the two levels beside it, the even one.
        assert self.convert(evaluate, [-1.0, 0.0, 1.0]) == [0, 128, 255]

    def test_every_level_comes_back_from_its_float(self, evaluate):
        levels = np.arange(256)
        assert self.convert(evaluate, levels / 127.5 - 1.0) == levels.tolist()

    @pytest.mark.parametrize("level", [0, 1, 100, 254])
    def test_values_between_two_levels_go_to_the_nearer(self, evaluate, level):
        between = np.array([level + 0.49, level + 0.51]) / 127.5 - 1.0
        assert self.convert(evaluate, between) == [level, level + 1]

    def test_values_outside_stay_at_the_ends(self, evaluate):
        values = [-1.0001, -1.004, -3.0, -1e30, 1.0001, 1.004, 3.0, 1e30]
        assert self.convert(evaluate, values) == [0, 0, 0, 0, 255, 255, 255, 255]


class TestRows:
    def rows(self, evaluate, *pictures):
        return evaluate(lambda: PRESENTATION.rows(*map(tf.constant, pictures)))

    def test_input_output_and_target_stand_side_by_side(self, evaluate):
        x, fake, y = (np.full([2, 4, 5, 3], value, np.float32) for value in (-1.0, 0.2, 1.0))
        rows = self.rows(evaluate, x, fake, y)
        assert rows.shape == (2, 4, 15, 3)
        assert rows.dtype == np.uint8
        np.testing.assert_array_equal(rows[:, :, :5], 0)
        np.testing.assert_array_equal(rows[:, :, 5:10], 153)  # 1.2 * 127.5
        np.testing.assert_array_equal(rows[:, :, 10:], 255)

    def test_pixels_and_pictures_keep_their_places(self, evaluate):
        levels = np.random.RandomState(0).randint(0, 256, [3, 2, 4, 5, 3])
        pictures = (levels / 127.5 - 1.0).astype(np.float32)
        rows = self.rows(evaluate, *pictures)
        for place, picture in enumerate(levels):
            np.testing.assert_array_equal(rows[:, :, 5 * place : 5 * place + 5], picture)

    @pytest.mark.parametrize("grey", [(0,), (2,), (1, 2), (0, 1, 2)])
    def test_grey_pictures_get_three_like_channels(self, evaluate, grey):
        levels = np.random.RandomState(0).randint(0, 256, [3, 2, 4, 5, 3])
        pictures = list((levels / 127.5 - 1.0).astype(np.float32))
        for place in grey:
            pictures[place] = pictures[place][..., :1]
        rows = self.rows(evaluate, *pictures)
        assert rows.shape == (2, 4, 15, 3)
        for place, picture in enumerate(levels):
            row = rows[:, :, 5 * place : 5 * place + 5]
            expected = np.repeat(picture[..., :1], 3, axis=-1) if place in grey else picture
            np.testing.assert_array_equal(row, expected)
