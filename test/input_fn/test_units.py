"""Values in units to what the network sees and back, against numbers worked out by hand."""

import numpy as np
import pytest
from PIL import Image

from input_fn import (
    Band,
    PairFormat,
    evaluation_dataset,
    in_units,
    is_name_of_bands,
    stored_values,
)
from input_fn.pairs import FilePairs
from input_fn.units import levels_of

THREE_RANGES = ((0.0, 100.0), (-30.0, 10.0), (200.0, 1000.0))


def form(direction="AtoB", channels=(2, 1), size=(1, 2), **fields):
    return PairFormat(direction, *channels, load_size=size, fine_size=size, **fields)


@pytest.fixture
def loaded(take, tmp_path):
    """Saves the arrays of a pair and returns what the pipeline makes of them, x and y."""

    def load(pair_format, *arrays):
        paths = []
        for number, array in enumerate(arrays):
            paths.append(str(tmp_path / f"{number}.npy"))
            np.save(paths[-1], np.array(array))
        pairs = FilePairs((tuple(paths),), pair_format.layout)
        ((features, y),) = take(lambda: evaluation_dataset(pairs, pair_format))
        return features["input"][0], y[0]

    return load


A = [[[0.0, -30.0], [75.0, 0.0]]]
B = [[[400.0], [1000.0]]]


class TestEachBand:
    def test_has_its_own_range_first_those_of_the_input(self, loaded):
        x, y = loaded(form(layout="folders", value_range=THREE_RANGES), A, B)
        np.testing.assert_allclose(x, [[[-1, -1], [0.5, 0.5]]], atol=1e-6)
        np.testing.assert_allclose(y, [[[-0.5], [1]]], atol=1e-6)

    def test_whichever_side_the_input_is(self, loaded):
        pair_format = form("BtoA", layout="folders", value_range=THREE_RANGES)
        x, y = loaded(pair_format, B, A)
        np.testing.assert_allclose(x, [[[-1, -1], [0.5, 0.5]]], atol=1e-6)
        np.testing.assert_allclose(y, [[[-0.5], [1]]], atol=1e-6)

    def test_halves_of_one_file_have_theirs(self, loaded):
        pair_format = form("BtoA", (1, 1), value_range=((0.0, 10.0), (0.0, 1000.0)))
        x, y = loaded(pair_format, [[[250.0], [500.0], [0.0], [5.0]]])
        np.testing.assert_allclose(x[0, :, 0], [-1, 0], atol=1e-6)
        np.testing.assert_allclose(y[0, :, 0], [-0.5, 0], atol=1e-6)

    def test_two_ranges_are_those_of_input_and_target(self, loaded):
        pair_format = form(layout="folders", value_range=((-100.0, 100.0), (0.0, 2000.0)))
        x, y = loaded(pair_format, A, B)
        np.testing.assert_allclose(x, [[[0, -0.3], [0.75, 0]]], atol=1e-6)
        np.testing.assert_allclose(y, [[[-0.6], [0]]], atol=1e-6)

    def test_pictures_of_sixteen_bits_as_well(self, take, tmp_path):
        pixels = np.array([[100, 300, 1000, 5000]], np.uint16)
        Image.fromarray(pixels).save(str(tmp_path / "1.png"))
        pair_format = form(channels=(1, 1), value_range=((100.0, 500.0), (0.0, 5000.0)))
        pairs = FilePairs.of_single_files([str(tmp_path / "1.png")])
        ((features, y),) = take(lambda: evaluation_dataset(pairs, pair_format))
        np.testing.assert_allclose(features["input"].ravel(), [-1, 0], atol=1e-6)
        np.testing.assert_allclose(y.ravel(), [-0.6, 1], atol=1e-6)

    def test_by_the_logarithm_each_factor_is_a_step(self, loaded):
        pair_format = form(
            layout="folders",
            value_range=((0.01, 100.0), (0.0, 10.0), (1.0, 1e6)),
            log_bands=("input:1", "target"),
        )
        x, y = loaded(pair_format, [[[0.01, 5.0], [1.0, 10.0]]], [[[-3.0], [1e3]]])
        # What has no logarithm is black, as is all that is below the range.
        np.testing.assert_allclose(x, [[[-1, 0], [0, 1]]], atol=1e-6)
        np.testing.assert_allclose(y, [[[-1], [0]]], atol=1e-6)

    def test_pictures_of_sixteen_bits_by_the_logarithm(self, take, tmp_path):
        pixels = np.array([[1, 100, 0, 10000]], np.uint16)
        Image.fromarray(pixels).save(str(tmp_path / "1.png"))
        pair_format = form(
            channels=(1, 1), value_range=((1.0, 1e4),), log_bands=("input", "target")
        )
        pairs = FilePairs.of_single_files([str(tmp_path / "1.png")])
        ((features, y),) = take(lambda: evaluation_dataset(pairs, pair_format))
        np.testing.assert_allclose(features["input"].ravel(), [-1, 0], atol=1e-6)
        np.testing.assert_allclose(y.ravel(), [-1, 1], atol=1e-6)


BANDS = (Band(-30.0, 10.0), Band(1e-6, 1e6, True), Band(0.0, 65535.0))


class TestThereAndBack:
    def test_a_known_number_in_is_the_known_number_out(self):
        values = np.array([[[-30.0, 1e-6, 0.0], [7.25, 3.5e-2, 4711.0], [10.0, 1e6, 65535.0]]])
        unit = levels_of(values, (BANDS,)) / 255.0
        back = in_units(unit, BANDS)
        assert back.dtype == np.float32
        # Of a range 1e-7, which is float32's step; of 12 orders of magnitude 28 times as much.
        np.testing.assert_allclose(back[..., 0], values[..., 0], atol=1e-5)
        np.testing.assert_allclose(back[..., 1], values[..., 1], rtol=5e-6)
        np.testing.assert_array_equal(back[..., 2].round(), values[..., 2])

    def test_the_ends_of_the_network_are_the_ends_of_the_range(self):
        picture = np.array([[[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]], np.float32)
        expected = [[-30, 1e-6, 0], [-10, 1, 32767.5], [10, 1e6, 65535]]
        np.testing.assert_allclose(stored_values(picture, BANDS)[0], expected, rtol=1e-6)

    def test_without_a_range_values_are_from_0_to_1(self):
        picture = np.array([[[-1.0], [0.5]]], np.float32)
        np.testing.assert_array_equal(stored_values(picture, None), [[[0.0], [0.75]]])


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"value_range": THREE_RANGES[:2] * 2}, r"4 ranges; .* each band, 2 \+ 1"),
            ({"value_range": ((0, 1), (2, 2), (0, 1))}, "black must be below white"),
            ({"log_bands": ("input",)}, "needs a `value_range`"),
            ({"value_range": (0.0, 9.0), "log_bands": ("target",)}, "begin above 0"),
            (
                {"value_range": (1.0, 9.0), "log_bands": ("input:3",)},
                "input:3: there is no such band; there are input:1, input:2, target:1",
            ),
        ],
    )
    def test_one_line_says_what_would_work(self, fields, named):
        with pytest.raises(ValueError, match=named):
            form(**fields)

    def test_names_of_bands(self):
        assert all(map(is_name_of_bands, ("input", "target", "input:1", "target:12")))
        assert not any(map(is_name_of_bands, ("", "inputs", "input:", "input:0", "band:1", "2")))
