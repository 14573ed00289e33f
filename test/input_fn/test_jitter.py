import numpy as np
import pytest
import scipy.stats
import tensorflow.compat.v1 as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from input_fn.decoding import PNG
from input_fn.pair_format import PairFormat
from input_fn.preprocessing import training_pair
from input_fn.reading import PairReader


def stacks_of(path, pair_format):
    """Builds the reading of a PNG file."""
    return PairReader([{PNG}], pair_format).stacks([tf.io.read_file(path)])


LOAD, FINE = (9, 8), (6, 4)
PLACES = {(top, left) for top in range(9 - 6 + 1) for left in range(8 - 4 + 1)}


def drawn(windows, whole):
    """Finds where each window was taken from a picture: tuples (top, left, mirrored)."""
    height, width = windows.shape[1:3]
    candidates = {}
    for top in range(whole.shape[0] - height + 1):
        for left in range(whole.shape[1] - width + 1):
            window = whole[top : top + height, left : left + width]
            candidates[top, left, False] = window
            candidates[top, left, True] = window[:, ::-1]
    distances = np.abs(windows[:, None] - np.stack(list(candidates.values()))).max(axis=(2, 3, 4))
    assert distances.min(axis=1).max() < 0.01, "not a window of the resized picture"
    return [list(candidates)[number] for number in distances.argmin(axis=1)]


class TestJitter:
    @pytest.fixture(scope="class")
    def jitter(self, evaluate, save_pair):
        """Loads a pair many times for training, with the seeds (5, 0), (5, 1), ..."""

        def jitter(a, b, count, load=LOAD, fine=FINE, flip=True):
            path, pair_format = save_pair(a, b), PairFormat("AtoB", 3, 3, load, fine)

            def build():
                dataset = tf.data.Dataset.range(count)
                dataset = dataset.map(
                    lambda number: training_pair(
                        stacks_of(path, pair_format), tf.stack([5, number]), pair_format, flip
                    )
                )
                return tf.data.make_one_shot_iterator(dataset.batch(count)).get_next()

            features, y = evaluate(build)
            return (features["input"] + 1) * 127.5, (y + 1) * 127.5

        return jitter

    @pytest.fixture(scope="class")
    def many(self, jitter, noise):
        """The places of 2000 draws."""
        a = noise(*LOAD, 3)
        return drawn(jitter(a, a, 2000)[0], a)

    @pytest.mark.parametrize(
        "present", [(9, 8), (5, 6), (20, 17), (20, 6)], ids=["same", "smaller", "larger", "mixed"]
    )
    def test_both_halves_are_resized_and_cut_and_mirrored_alike(
        self, jitter, noise, resized, present
    ):
        a, b = noise(*present, 3, seed=1), noise(*present, 3, seed=2)
        x, y = jitter(a, b, 600)
        draws = drawn(x, resized(a, *LOAD))
        assert drawn(y, resized(b, *LOAD)) == draws
        assert set(draws) == {(*place, mirrored) for place in PLACES for mirrored in (True, False)}

    @settings(max_examples=15, deadline=None)
    @given(
        present=st.tuples(st.integers(4, 24), st.integers(4, 24)),
        fine=st.tuples(st.integers(1, 16), st.integers(1, 16)),
        margins=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    )
    def test_a_target_that_is_the_negative_stays_the_negative(
        self, jitter, noise, present, fine, margins
    ):
        a = noise(*present, 3)
        load = (fine[0] + margins[0], fine[1] + margins[1])
        x, y = jitter(a, 255 - a, 8, load=load, fine=fine)
        np.testing.assert_allclose(x, 255 - y, atol=0.01)

    def test_every_place_is_as_likely_as_any_other(self, many):
        counts = [sum(draw[:2] == place for draw in many) for place in sorted(PLACES)]
        assert scipy.stats.chisquare(counts).pvalue > 0.001

    def test_one_in_two_is_mirrored_wherever_it_is_cut(self, many):
        table = [
            [sum(draw == (*place, mirrored) for draw in many) for place in sorted(PLACES)]
            for mirrored in (True, False)
        ]
        assert sum(table[0]) == pytest.approx(1000, abs=100)  # 4.5 standard deviations
        assert scipy.stats.chi2_contingency(table)[1] > 0.001

    def test_without_mirroring_the_places_are_the_same(self, jitter, many, noise):
        a = noise(*LOAD, 3)
        draws = drawn(jitter(a, a, 2000, flip=False)[0], a)
        assert draws == [(top, left, False) for top, left, _ in many]

    def test_without_a_margin_pictures_are_only_mirrored(self, jitter, noise):
        a = noise(*FINE, 3)
        assert set(drawn(jitter(a, a, 100, load=FINE)[0], a)) == {(0, 0, False), (0, 0, True)}

    @pytest.mark.parametrize("axis", [0, 1], ids=["rows", "columns"])
    def test_the_papers_sizes_have_the_offsets_0_to_30(self, jitter, axis):
        # One pixel across the axis; the offset can be read off the first, in steps of a level.
        load, fine = ((286, 1), (256, 1)) if axis == 0 else ((1, 286), (1, 256))
        ramp = np.minimum(np.arange(286), 255).astype(np.uint8).reshape(*load, 1)
        a = np.repeat(ramp, 3, axis=2)
        x, _ = jitter(a, a, 400, load=load, fine=fine, flip=False)
        assert set(np.rint(x[:, 0, 0, 0])) == set(range(31))
