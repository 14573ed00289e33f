"""The values that bands have, against NumPy's own least, greatest and percentiles."""

import os

import numpy as np
import pytest
from PIL import Image

from input_fn import UNSCALED, DataError, PairFormat, list_pairs, survey_pairs
from input_fn.prepare import main as prepare

EXACT = (0.0, 100.0)


def form(direction="AtoB", channels=(2, 1), **fields):
    fields = {"layout": "folders", "value_range": UNSCALED, **fields}
    return PairFormat(direction, *channels, load_size=(64, 64), fine_size=(64, 64), **fields)


@pytest.fixture
def arrays():
    """Seven pairs, A of two bands and B of one, of very different values."""
    random = np.random.RandomState(0)
    a = random.normal([10.0, -1e4], [3.0, 5e3], (7, 5, 6, 2)).astype(np.float32)
    return a, random.lognormal(0.0, 4.0, (7, 5, 6, 1)).astype(np.float32)


@pytest.fixture
def folder(arrays, tmp_path):
    for side, values in zip("AB", arrays):
        (tmp_path / "data" / "train" / side).mkdir(parents=True)
        for number, array in enumerate(values):
            np.save(str(tmp_path / "data" / "train" / side / f"{number}.npy"), array)
    return tmp_path / "data" / "train"


def ranges(folder, pair_format, percentiles=EXACT, memory=None):
    pairs = list_pairs(str(folder), layout=pair_format.layout)
    return survey_pairs(pairs, pair_format, percentiles, memory).ranges


def ends(values):
    return (float(values.min()), float(values.max()))


def test_least_and_greatest_of_each_band_first_those_of_the_input(folder, arrays):
    a, b = arrays
    of_a, of_b = [ends(a[..., 0]), ends(a[..., 1])], [ends(b)]
    assert ranges(folder, form()) == of_a + of_b
    assert ranges(folder, form("BtoA", (1, 2))) == of_b + of_a


@pytest.mark.parametrize("percentiles", [(1.0, 99.0), (0.0, 50.0), (25.0, 100.0)])
def test_percentiles_are_values_that_so_many_do_not_exceed(folder, arrays, percentiles):
    found = ranges(folder, form(), percentiles)
    for (low, high), values in zip(found, [arrays[0][..., 0], arrays[0][..., 1], arrays[1]]):
        ordered = np.sort(values.ravel())
        for value, percent in zip((low, high), percentiles):
            place = max(int(np.ceil(percent / 100 * ordered.size)) - 1, 0)
            # Values are told apart to 12 binary digits.
            np.testing.assert_allclose(value, ordered[place], rtol=2**-12)


def test_whole_numbers_have_exact_percentiles(tmp_path):
    (tmp_path / "train").mkdir()
    np.save(str(tmp_path / "train" / "1.npy"), np.arange(4000, dtype=np.uint16).reshape(40, 100))
    found = ranges(tmp_path / "train", form(channels=(1, 1), layout="side_by_side"), (10.0, 90.0))
    halves = np.arange(4000).reshape(40, 2, 50).swapaxes(0, 1).reshape(2, -1)
    assert found == [(half[199], half[1799]) for half in np.sort(halves)]


def test_of_a_logarithm_only_what_has_one_counts(tmp_path):
    (tmp_path / "train").mkdir()
    values = np.array([[-5.0, 0.0, 0.5, 8.0, 3.0, 0.0, 0.25, 4.0]])
    np.save(str(tmp_path / "train" / "1.npy"), values)
    pair_format = form(channels=(1, 1), layout="side_by_side", log_bands=("input",))
    found = ranges(tmp_path / "train", pair_format)
    assert found == [(0.5, 8.0), (0.0, 4.0)]


def test_pictures_of_8_bits_keep_their_range_and_those_of_16_have_their_own(tmp_path):
    for side in "AB":
        (tmp_path / "train" / side).mkdir(parents=True)
    pixels = np.array([[7, 9], [100, 200]])
    Image.fromarray(pixels.astype(np.uint8)).save(str(tmp_path / "train" / "A" / "1.png"))
    Image.fromarray((pixels * 100).astype(np.uint16)).save(str(tmp_path / "train" / "B" / "1.png"))
    assert ranges(tmp_path / "train", form(channels=(1, 1))) == [(0, 255), (700, 20000)]


def test_packed_pairs_have_the_same_range(folder, tmp_path):
    packed = tmp_path / "packed"
    assert prepare(["pack", str(folder.parent), str(packed), "--data_layout=folders"]) == 0
    expected = ranges(folder, form(), (1.0, 99.0))
    assert ranges(packed / "train", form(), (1.0, 99.0)) == expected


def test_a_slice_and_its_neighbours_share_their_range(folder, arrays):
    fields = {"inputs": ("A",), "channels_of_inputs": (2,), "target": "B", "neighbours": 1}
    pair_format = form(channels=(6, 1), **fields)
    pairs = list_pairs(str(folder), None, "folders", pair_format.folders)
    a, b = arrays
    bands = [ends(a[..., 0]), ends(a[..., 1])]
    assert survey_pairs(pairs, pair_format, EXACT).ranges == bands * 3 + [ends(b)]


def test_what_does_not_count_has_no_value(folder, arrays):
    a, b = (np.array(each) for each in arrays)
    a[:, :, 3:] = 1e9
    b[:, 3:] = np.nan
    for side, values in (("A", a), ("B", b)):
        for number, array in enumerate(values):
            np.save(str(folder / side / f"{number}.npy"), array)
    pair_format = form(nodata=(float("nan"), 1e9))
    bands = [ends(a[:, :, :3, 0]), ends(a[:, :, :3, 1]), ends(b[:, :3, :3])]
    assert ranges(folder, pair_format) == bands


class TestMemory:
    @pytest.fixture
    def memory(self, tmp_path):
        return str(tmp_path / "memory")

    def test_files_that_have_not_changed_are_not_read_again(self, folder, memory):
        first = ranges(folder, form(), memory=memory)
        path = folder / "A" / "3.npy"
        state = os.stat(str(path))
        path.write_bytes(b"?" * state.st_size)
        os.utime(str(path), ns=(state.st_atime_ns, state.st_mtime_ns))
        assert ranges(folder, form(), memory=memory) == first

    def test_those_that_have_are(self, folder, memory):
        ranges(folder, form(), memory=memory)
        np.save(str(folder / "B" / "3.npy"), np.full((5, 6, 1), 1e30, np.float32))
        assert ranges(folder, form(), memory=memory)[2][1] == np.float32(1e30)

    def test_what_is_asked_for_is_told_apart(self, folder, memory):
        first = ranges(folder, form(), memory=memory)
        assert ranges(folder, form(), (1.0, 99.0), memory) != first
        assert ranges(folder, form(), memory=memory) == first


@pytest.mark.parametrize(
    ("value", "log_bands", "named"),
    [
        (5.0, (), "target:1 has the value 5 throughout"),
        (-5.0, ("target",), "target:1 has no value"),
    ],
)
def test_a_band_without_a_range_is_named(folder, value, log_bands, named):
    for path in (folder / "B").iterdir():
        np.save(str(path), np.full((5, 6, 1), value, np.float32))
    with pytest.raises(DataError, match=named):
        ranges(folder, form(log_bands=log_bands))
