import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_fn.tiling import blending_weights, mirrored, tile_starts


class TestStarts:
    @pytest.mark.parametrize(
        ("length", "overlap", "starts"),
        [
            (100, 20, [0]),
            (7, 20, [0]),
            (101, 20, [0, 80]),
            (180, 20, [0, 80]),
            (181, 20, [0, 80, 160]),
            (300, 0, [0, 100, 200]),
            (300, 50, [0, 50, 100, 150, 200]),
        ],
    )
    def test_tiles_of_100_lie_at_one_distance(self, length, overlap, starts):
        assert tile_starts(length, 100, overlap) == starts

    @settings(max_examples=200, deadline=None)
    @given(st.integers(1, 5000), st.integers(1, 300), st.data())
    def test_every_pixel_is_in_a_tile_and_no_tile_is_for_nothing(self, length, size, data):
        overlap = data.draw(st.integers(0, size // 2))
        starts = tile_starts(length, size, overlap)
        assert starts[0] == 0
        assert all(b - a == size - overlap for a, b in zip(starts, starts[1:]))
        assert starts[-1] + size >= length
        assert len(starts) == 1 or starts[-2] + size < length


class TestWeights:
    def test_they_fall_and_rise_in_a_straight_line(self):
        np.testing.assert_allclose(
            blending_weights(2, 6, 2), [[1, 1, 1, 1, 0.75, 0.25], [0.25, 0.75, 1, 1, 1, 1]]
        )

    @settings(max_examples=100, deadline=None)
    @given(st.integers(1, 6), st.integers(1, 60), st.data())
    def test_they_add_up_to_1(self, count, size, data):
        overlap = data.draw(st.integers(0, size // 2))
        total = np.zeros((count - 1) * (size - overlap) + size)
        for number, weights in enumerate(blending_weights(count, size, overlap)):
            assert (weights > 0).all()
            total[number * (size - overlap) :][:size] += weights
        np.testing.assert_allclose(total, 1, atol=1e-6)


class TestMirror:
    @pytest.mark.parametrize(
        ("first", "count", "length", "places"),
        [
            (0, 3, 3, [0, 1, 2]),
            (1, 5, 3, [1, 2, 2, 1, 0]),
            (2, 8, 3, [2, 2, 1, 0, 0, 1, 2, 2]),
            (0, 3, 1, [0, 0, 0]),
        ],
    )
    def test_a_picture_is_continued_by_its_mirror_image(self, first, count, length, places):
        np.testing.assert_array_equal(mirrored(first, count, length), places)
