"""Which pixels count, and what stands in those that do not, against numbers worked out by hand."""

import numpy as np
import pytest
from PIL import Image

from input_fn import DataError, PairFormat, evaluation_dataset, list_pairs, training_dataset
from input_fn.checks.faults import check_pairs
from input_fn.prepare import main as prepare

NAN = float("nan")


def form(size=(1, 4), channels=(1, 1), **fields):
    fields = {"load_size": size, "fine_size": size, "layout": "folders", **fields}
    return PairFormat("AtoB", *channels, **fields)


class Data:
    """A folder of pairs, in folders of their own or side by side."""

    def __init__(self, folder):
        self.folder = folder

    def save(self, side, values, name="1.npy"):
        place = self.folder / side / name
        place.parent.mkdir(parents=True, exist_ok=True)
        values = np.asarray(values)
        if name.endswith(".npy"):
            np.save(str(place), values)
        else:
            Image.fromarray(values).save(str(place))
        return self

    def pairs(self, pair_format):
        return list_pairs(
            str(self.folder),
            None,
            pair_format.layout,
            pair_format.folders,
            pair_format.has_weight_files,
        )


@pytest.fixture
def data(tmp_path):
    return Data(tmp_path / "data")


@pytest.fixture
def loaded(take, data):
    """What the pipeline makes of the first pair: input, weights without their channel, target."""

    def load(pair_format):
        ((features, y),) = take(lambda: evaluation_dataset(data.pairs(pair_format), pair_format))
        return features["input"][0], features["weights"][0, ..., 0], y[0]

    return load


class TestNoData:
    def test_in_the_target_it_does_not_count_and_the_input_stays(self, data, loaded):
        data.save("A", [[0.0, 0.25, 0.5, 1.0]]).save("B", [[1.0, -9999.0, 0.75, NAN]])
        x, weights, y = loaded(form(nodata=(-9999.0, NAN)))
        np.testing.assert_allclose(x[0, :, 0], [-1, -0.5, 0, 1], atol=1e-6)
        np.testing.assert_array_equal(weights, [[1, 0, 1, 0]])
        np.testing.assert_allclose(y[0, :, 0], [1, 0, 0.5, 0], atol=1e-6)

    def test_in_the_input_it_is_filled_by_the_middle_of_the_range(self, data, loaded):
        data.save("A", [[0.0, NAN, 0.5, 1.0]]).save("B", [[1.0, 1.0, 0.75, 0.5]])
        x, weights, y = loaded(form(nodata=(NAN,)))
        np.testing.assert_allclose(x[0, :, 0], [-1, 0, 0, 1], atol=1e-6)
        np.testing.assert_array_equal(weights, [[1, 0, 1, 1]])
        np.testing.assert_allclose(y[0, :, 0], [1, 0, 0.5, 0], atol=1e-6)

    def test_one_band_suffices(self, data, loaded):
        data.save("A", [[[0, 7], [5, 7], [7, 7], [1, 1]]]).save("B", [[0.0, 0.0, 1.0, 1.0]])
        ranges = ((0.0, 10.0), (0.0, 10.0), (0.0, 1.0))
        x, weights, _ = loaded(form(channels=(2, 1), nodata=(5.0,), value_range=ranges))
        np.testing.assert_array_equal(weights, [[1, 0, 1, 1]])
        np.testing.assert_array_equal(x[0, 1], [0, 0])

    @pytest.mark.parametrize(("kind", "white"), [(np.uint8, 255), (np.uint16, 65535)])
    def test_in_pictures_it_is_the_value_as_stored(self, data, loaded, kind, white):
        data.save("A", np.array([[0, 7, white, 8]], kind), "1.png").save("B", [[0.0] * 4])
        x, weights, _ = loaded(form(nodata=(7.0,)))
        np.testing.assert_array_equal(weights, [[1, 0, 1, 1]])
        np.testing.assert_allclose(x[0, :, 0], [-1, 0, 1, 16 / white - 1], atol=1e-6)

    def test_side_by_side_each_half_has_its_own(self, data, loaded):
        data.save("", [[NAN, 0.5, 1.0, 0.0, 0.5, NAN]])
        x, weights, y = loaded(form((1, 3), layout="side_by_side", nodata=(NAN,)))
        np.testing.assert_array_equal(weights, [[0, 1, 0]])
        np.testing.assert_allclose(x[0, :, 0], [0, 0, 1], atol=1e-6)
        np.testing.assert_allclose(y[0, :, 0], [0, 0, 0], atol=1e-6)

    def test_it_does_not_bleed_into_its_neighbours_when_resized(self, data, loaded):
        data.save("A", [[0.75, 0.75, NAN, NAN, 0.25, 0.25, NAN, 0.5]]).save("B", [[0.0] * 8])
        x, weights, _ = loaded(form(nodata=(NAN,)))
        # A triangle filter of twice the width takes 1, 3, 3 and 1 eighths of four neighbours.
        np.testing.assert_allclose(weights, [[6 / 7, 1 / 4, 3 / 4, 4 / 7]], atol=1e-6)
        np.testing.assert_allclose(x[0, :, 0], [0.5, 0, -0.5, -0.125], atol=1e-5)


class TestMasks:
    def test_transparency_is_the_weight(self, data, loaded):
        pixels = [[[255, 0, 0, 255], [255, 0, 0, 51], [0, 0, 255, 0], [0, 0, 255, 255]]]
        data.save("A", np.array(pixels, np.uint8), "1.png").save("B", [[1.0] * 4])
        x, weights, y = loaded(form(channels=(3, 1), alpha="mask"))
        np.testing.assert_allclose(weights, [[1, 0.2, 0, 1]], atol=1e-6)
        np.testing.assert_allclose(x[0], [[1, -1, -1]] * 2 + [[0, 0, 0], [-1, -1, 1]], atol=1e-5)
        np.testing.assert_allclose(y[0, :, 0], [1, 1, 0, 1], atol=1e-5)

    @pytest.mark.parametrize("layout", ["folders", "side_by_side"])
    def test_pictures_of_weights_are_those_of_the_whole_pair(self, data, loaded, layout):
        if layout == "folders":
            data.save("A", [[1.0] * 4]).save("B", [[0.5, 1.0, 1.0, 1.0]])
        else:
            data.save("", [[1.0] * 4 + [0.5, 1.0, 1.0, 1.0]])
        data.save("weights", np.array([[255, 51, 0, 255]], np.uint8), "1.png")
        x, weights, y = loaded(form(layout=layout, weights="pictures"))
        np.testing.assert_allclose(weights, [[1, 0.2, 0, 1]], atol=1e-6)
        np.testing.assert_allclose(x[0, :, 0], [1, 1, 0, 1], atol=1e-5)
        np.testing.assert_allclose(y[0, :, 0], [0, 1, 0, 1], atol=1e-5)

    def test_so_is_a_channel_of_the_target(self, data, loaded):
        data.save("A", [[1.0] * 4])
        data.save("B", [[[0.5, 1.0], [1.0, 0.25], [1.0, 0.0], [0.0, 1.0]]])
        x, weights, y = loaded(form(weights="channel"))
        np.testing.assert_allclose(weights, [[1, 0.25, 0, 1]], atol=1e-6)
        np.testing.assert_allclose(x[0, :, 0], [1, 1, 0, 1], atol=1e-5)
        assert y.shape == (1, 4, 1)
        np.testing.assert_allclose(y[0, :, 0], [0, 1, 0, -1], atol=1e-5)

    def test_the_least_of_several_weights_is_taken(self, data, loaded):
        data.save("A", [[NAN, 1.0, 1.0, 1.0]]).save("B", [[1.0, NAN, 1.0, 1.0]])
        data.save("weights", [[1.0, 1.0, 0.5, 1.0]])
        _, weights, _ = loaded(form(weights="pictures", nodata=(NAN,)))
        np.testing.assert_allclose(weights, [[0, 0, 0.5, 1]], atol=1e-6)

    def test_margins_do_not_count(self, data, loaded):
        data.save("A", np.ones([4, 2])).save("B", np.ones([4, 2]))
        _, weights, _ = loaded(form((4, 4), resize="pad", nodata=(NAN,)))
        np.testing.assert_array_equal(weights, [[0, 1, 1, 0]] * 4)


class TestNoInfluence:
    """Two data sets that differ only where nothing counts give the same batches, bit for bit."""

    @pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
    @pytest.mark.parametrize("weights", ["pictures", "channel"])
    def test_whatever_stands_there(self, take, tmp_path, weights, resize):
        batches = []
        for number, noise in enumerate((1.0, 0.25)):
            data = Data(tmp_path / str(number))
            random = np.random.RandomState(0)
            for name in range(3):
                a, b = random.uniform(size=(2, 12, 16, 2))
                mask = np.ones([12, 16, 1])
                mask[:, 9:] = 0.0
                hidden = np.random.RandomState(number).uniform(0.0, noise, (12, 16, 2))
                a, b = (np.where(mask > 0, each, hidden) for each in (a, b))
                data.save("A", a, f"{name}.npy")
                if weights == "channel":
                    data.save("B", np.concatenate([b, mask], axis=-1), f"{name}.npy")
                else:
                    data.save("B", b, f"{name}.npy").save("weights", mask, f"{name}.npy")
            pair_format = form((8, 8), (2, 2), load_size=(10, 10), weights=weights, resize=resize)
            pairs = data.pairs(pair_format)
            batches.append(
                take(lambda p=pairs, f=pair_format: training_dataset(p, f, 2, seed=0), count=4)
            )
        for (one, y), (other, other_y) in zip(*batches):
            assert 0 < one["weights"].mean() < 1
            np.testing.assert_array_equal(one["weights"], other["weights"])
            np.testing.assert_array_equal(one["input"], other["input"])
            np.testing.assert_array_equal(y, other_y)

    def test_a_cache_has_the_same(self, take, data, tmp_path):
        data.save("A", [[0.0, NAN, 0.5, 1.0]]).save("B", [[1.0, 1.0, NAN, 0.5]])
        pair_format = form(nodata=(NAN,))
        pairs = data.pairs(pair_format)
        plain, kept = (
            take(
                lambda cache=cache: training_dataset(pairs, pair_format, 1, seed=0, cache=cache),
                count=3,
            )
            for cache in ("off", str(tmp_path / "cache"))
        )
        for (one, y), (other, other_y) in zip(plain, kept):
            assert all((one[name] == other[name]).all() for name in ("input", "weights"))
            np.testing.assert_array_equal(y, other_y)


def test_packed_pairs_have_their_holes(take, data, loaded, tmp_path):
    data.folder = tmp_path / "data" / "train"
    data.save("A", [[0.0, NAN, 0.5, 1.0]]).save("B", [[1.0, 1.0, NAN, 0.5]])
    expected = loaded(form(nodata=(NAN,)))
    packed = tmp_path / "packed"
    assert prepare(["pack", str(tmp_path / "data"), str(packed), "--data_layout=folders"]) == 0
    data.folder = packed / "train"
    for found, values in zip(loaded(form(nodata=(NAN,))), expected):
        np.testing.assert_array_equal(found, values)
    with pytest.raises(DataError, match="is packed, without the pictures of `weights`"):
        data.pairs(form(weights="pictures"))


class TestFaults:
    def refused(self, data, pair_format, match):
        with pytest.raises(DataError, match=match):
            check_pairs(data.pairs(pair_format), pair_format)

    def test_pairs_without_a_pixel_that_counts_are_named(self, data):
        data.save("A", [[NAN, 1.0, NAN, 1.0]]).save("B", [[1.0, NAN, 1.0, NAN]])
        data.save("A", [[1.0] * 4], "2.npy").save("B", [[1.0] * 4], "2.npy")
        pair_format = form(nodata=(NAN,))
        self.refused(data, pair_format, "A/1.npy: no pixel of the pair counts")
        checked = check_pairs(data.pairs(pair_format), pair_format, skip_bad=True)
        assert checked.pairs.names == ("2.npy",)
        assert "1.npy" in checked.bad[0]

    def test_what_is_no_number_needs_nodata(self, data):
        data.save("A", [[NAN, 1.0, 1.0, 1.0]]).save("B", [[1.0] * 4])
        self.refused(data, form(), "A/1.npy: holds values that are not a number.*`nodata` nan")
        self.refused(data, form(nodata=(-9999.0,)), "not a number")
        assert not check_pairs(data.pairs(form()), form(nodata=(NAN,))).bad

    def test_weights_have_the_size_of_their_pair(self, data):
        data.save("A", [[1.0] * 4]).save("B", [[1.0] * 4]).save("weights", [[1.0] * 3])
        self.refused(data, form(weights="pictures"), "4x1 .*weights/1.npy is 3x1")

    def test_each_pair_has_weights(self, data):
        data.save("A", [[1.0] * 4]).save("B", [[1.0] * 4])
        with pytest.raises(DataError, match="weights: does not exist"):
            data.pairs(form(weights="pictures"))
        data.save("weights", [[1.0] * 4], "2.npy")
        with pytest.raises(DataError, match="1.npy: has no partner"):
            data.pairs(form(weights="pictures"))

    def test_pictures_have_no_channel_of_weights(self, data):
        data.save("A", [[1.0] * 4]).save("B", np.zeros([1, 4], np.uint8), "1.png")
        self.refused(data, form(weights="channel"), "`weights` pictures, or `alpha` mask")

    def test_nor_have_pairs_side_by_side(self):
        with pytest.raises(ValueError, match="`layout` folders"):
            form(layout="side_by_side", weights="channel")
