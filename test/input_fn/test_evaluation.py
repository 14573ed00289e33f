import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from input_fn.errors import DataError
from input_fn.pair_format import PairFormat
from input_fn.pairs import FilePairs
from input_fn.pipeline import evaluation_dataset

SIZE = (6, 8)
FORMAT = PairFormat("AtoB", 3, 3, (20, 20), SIZE)


@pytest.fixture(scope="module")
def pictures(noise):
    return [noise(*SIZE, 3, seed=number) for number in range(10)]


@pytest.fixture(scope="module")
def pairs(save_pair, pictures):
    """5 files: the pictures 0 and 1, 2 and 3, ..."""
    return FilePairs.of_single_files(
        save_pair(*pictures[start : start + 2]) for start in range(0, 10, 2)
    )


class TestPairs:
    def test_they_come_once_in_the_order_of_the_files_and_without_jitter(
        self, take, pairs, pictures
    ):
        found = []
        for features, y in take(lambda: evaluation_dataset(pairs, FORMAT)):
            found += [*features["input"], *y]
        np.testing.assert_allclose((np.array(found) + 1) * 127.5, pictures, atol=1e-3)

    def test_every_pass_is_the_same(self, take, pairs):
        first, second = (take(lambda: evaluation_dataset(pairs, FORMAT, 2)) for _ in range(2))
        for (x, y), (other_x, other_y) in zip(first, second):
            np.testing.assert_array_equal(x["input"], other_x["input"])
            np.testing.assert_array_equal(y, other_y)

    def test_files_of_different_sizes_are_brought_to_one(self, take, save_pair, noise):
        sizes = [(6, 8), (3, 4), (12, 9), (3, 20)]
        found = FilePairs.of_single_files(
            save_pair(noise(*size, 3), noise(*size, 3)) for size in sizes
        )
        [(features, y)] = take(lambda: evaluation_dataset(found, FORMAT, 4))
        assert features["input"].shape == y.shape == (4, *SIZE, 3)


class TestBatches:
    @pytest.mark.parametrize(
        ("files", "batch_size", "lengths"),
        [(5, 2, [2, 2, 1]), (4, 2, [2, 2]), (3, 5, [3]), (2, 1, [1, 1])],
    )
    def test_the_last_one_has_what_is_left(self, take, pairs, files, batch_size, lengths):
        batches = take(lambda: evaluation_dataset(pairs.take(files), FORMAT, batch_size))
        assert [len(y) for _, y in batches] == lengths

    @pytest.mark.parametrize(("files", "length"), [(4, 2), (5, None)])
    def test_shapes_are_static_where_they_come_out_even(self, pairs, files, length):
        with tf.Graph().as_default():
            dataset = evaluation_dataset(pairs.take(files), FORMAT, 2)
            features, y = tf.data.make_one_shot_iterator(dataset).get_next()
        assert features["input"].shape.as_list() == y.shape.as_list() == [length, *SIZE, 3]

    def test_no_files_are_refused(self):
        with pytest.raises(DataError, match="no picture files"):
            evaluation_dataset(FilePairs(()), FORMAT)

    def test_a_size_below_one_is_refused(self, pairs):
        with pytest.raises(ValueError, match="batch_size is 0"):
            evaluation_dataset(pairs, FORMAT, 0)
