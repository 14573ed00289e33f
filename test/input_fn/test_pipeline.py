import pathlib
from collections import Counter, namedtuple

import numpy as np
import pytest
import scipy.stats
import tensorflow.compat.v1 as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from input_fn.checks.undecodable import find_undecodable
from input_fn.errors import DataError
from input_fn.pair_format import PairFormat
from input_fn.pairs import FilePairs
from input_fn.pipeline import evaluation_dataset, training_dataset

FILES = 24
LOAD, FINE = (60, 250), (4, 6)
FORMAT = PairFormat("AtoB", 3, 3, LOAD, FINE)

# What can be read off a training picture: which file it was, and how it was jittered.
Draw = namedtuple("Draw", ["file", "top", "left", "mirrored"])


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Files whose pixels tell their file (red), row (green) and column (blue); B is the negative.

    The order of their names is another than that of the list.
    """
    folder = tmp_path_factory.mktemp("files")
    row, column = np.mgrid[: LOAD[0], : LOAD[1]]
    made = []
    for number in range(FILES):
        a = np.stack([np.full(LOAD, number), row, column], axis=-1).astype(np.uint8)
        made.append(str(folder / f"{number * 7 % FILES}.png"))
        Image.fromarray(np.concatenate([a, 255 - a], axis=1)).save(made[-1])
    return made


def first(paths, count=None):
    return FilePairs.of_single_files(paths[:count])


def draws_of(batches):
    """Reads the elements of batches."""
    draws = []
    for features, y in batches:
        for x, negative in zip(np.rint((features["input"] + 1) * 127.5), (y + 1) * 127.5):
            np.testing.assert_allclose(negative, 255 - x, atol=1e-3)
            file, top, first = x[0, 0].astype(int)
            last = int(x[0, -1, 2])
            draws.append(Draw(file, top, min(first, last), first > last))
    return draws


@pytest.fixture(scope="module")
def stream(take, paths):
    """Returns the elements of the first `count` batches for training on the first `files` files."""

    def stream(count, files, batch_size=1, seed=0, **options):
        def build():
            return training_dataset(first(paths, files), FORMAT, batch_size, seed, **options)

        batches = take(build, count)
        assert len(batches) == count
        assert all(y.shape == (batch_size, *FINE, 3) for _, y in batches)
        return draws_of(batches)

    return stream


def epochs_of(draws, files):
    numbers = [draw.file for draw in draws]
    return [numbers[start : start + files] for start in range(0, len(numbers), files)]


class TestEpochs:
    @settings(max_examples=8, deadline=None)
    @given(
        files=st.integers(1, 9),
        batch_size=st.integers(1, 5),
        seed=st.integers(0, 2**63 - 1),
    )
    def test_each_epoch_has_each_file_once_whatever_the_batch_size(
        self, stream, files, batch_size, seed
    ):
        # As many batches as files end with an epoch.
        draws = stream(files, files, batch_size, seed)
        for epoch in epochs_of(draws, files):
            assert sorted(epoch) == list(range(files))

    def test_each_epoch_has_an_order_of_its_own(self, stream):
        epochs = epochs_of(stream(5 * FILES, FILES), FILES)
        assert len({tuple(epoch) for epoch in [*epochs, range(FILES)]}) == 6

    def test_every_order_is_as_likely_as_any_other(self, stream):
        orders = Counter(map(tuple, epochs_of(stream(18, 3, batch_size=100), 3)))
        assert len(orders) == 3 * 2 * 1
        assert scipy.stats.chisquare(list(orders.values())).pvalue > 0.001

    def test_the_last_file_of_the_list_can_be_the_first_of_an_epoch(self, stream):
        firsts = {epoch[0] for epoch in epochs_of(stream(60, FILES, batch_size=FILES), FILES)}
        assert {0, FILES - 1} < firsts

    def test_a_file_is_jittered_anew_in_each_epoch(self, stream):
        assert len(set(stream(20, 1))) == 20

    def test_nothing_is_mirrored_unless_asked(self, stream):
        assert {draw.mirrored for draw in stream(50, 5)} == {True, False}
        assert {draw.mirrored for draw in stream(50, 5, flip=False)} == {False}


class TestSeeds:
    def test_the_same_seed_gives_the_same_stream(self, stream):
        assert stream(30, 8, seed=3) == stream(30, 8, seed=3)

    def test_the_batch_size_does_not_change_the_stream(self, stream):
        assert stream(12, 8, batch_size=2) == stream(24, 8, batch_size=1)

    def test_another_seed_gives_another_order_and_another_jitter(self, stream):
        some, others = stream(FILES, FILES, seed=3), stream(FILES, FILES, seed=4)
        assert epochs_of(some, FILES) != epochs_of(others, FILES)
        assert not {draw[1:] for draw in some} & {draw[1:] for draw in others}


class TestBatches:
    @pytest.mark.parametrize(("x_channels", "y_channels"), [(3, 3), (1, 3), (3, 1)])
    def test_their_shapes_are_static_and_they_are_float32(self, paths, x_channels, y_channels):
        with tf.Graph().as_default():
            pair_format = PairFormat("AtoB", x_channels, y_channels, LOAD, FINE)
            features, y = tf.data.make_one_shot_iterator(
                training_dataset(first(paths, 5), pair_format, 2, seed=0)
            ).get_next()
        assert list(features) == ["input"]
        assert features["input"].shape.as_list() == [2, *FINE, x_channels]
        assert y.shape.as_list() == [2, *FINE, y_channels]
        assert features["input"].dtype == y.dtype == tf.float32

    def test_they_are_full_across_the_ends_of_epochs(self, stream):
        draws = stream(5, 3, batch_size=2)
        for epoch in epochs_of(draws[:9], 3):
            assert sorted(epoch) == [0, 1, 2]

    def test_they_may_be_larger_than_the_data_set(self, stream):
        assert Counter(draw.file for draw in stream(1, 2, batch_size=6)) == {0: 3, 1: 3}

    def test_files_of_different_sizes_go_into_one_batch(self, save_pair, take, noise):
        sizes = [(4, 6), (9, 9), (2, 3), (9, 3)]
        found = [save_pair(noise(*size, 3), noise(*size, 3)) for size in sizes]
        [(features, _)] = take(lambda: training_dataset(first(found), FORMAT, 8, seed=0), 1)
        assert features["input"].shape == (8, *FINE, 3)

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            ({"batch_size": 0}, "batch_size"),
            ({"start_batch": -1}, "start_batch"),
            ({"rank": 2, "size": 2}, "rank"),
        ],
    )
    def test_numbers_out_of_range_are_refused(self, paths, options, name):
        with pytest.raises(ValueError, match=f"^{name} is"):
            training_dataset(first(paths), FORMAT, **{"batch_size": 1, "seed": 0, **options})

    def test_more_ranks_than_files_are_refused(self, paths):
        with pytest.raises(DataError, match="2 picture"):
            training_dataset(first(paths, 2), FORMAT, 1, seed=0, rank=0, size=3)


class TestResuming:
    @settings(max_examples=6, deadline=None)
    @given(
        files=st.integers(2, 7),
        batch_size=st.integers(1, 3),
        start=st.integers(0, 12),
        size=st.integers(1, 2),
        flip=st.booleans(),
    )
    def test_the_stream_goes_on_where_it_was_left_jitter_included(
        self, stream, files, batch_size, start, size, flip
    ):
        arguments = {"batch_size": batch_size, "size": size, "rank": size - 1, "flip": flip}
        uninterrupted = stream(start + 4, files, **arguments)
        resumed = stream(4, files, start_batch=start, **arguments)
        assert resumed == uninterrupted[start * batch_size :]

    def test_pixels_are_the_same_to_the_bit(self, paths, take):
        def batches(count, start):
            return take(
                lambda: training_dataset(first(paths, 5), FORMAT, 2, seed=1, start_batch=start),
                count,
            )

        for (x, y), (x_resumed, y_resumed) in zip(batches(9, 0)[6:], batches(3, 6)):
            np.testing.assert_array_equal(x_resumed["input"], x["input"])
            np.testing.assert_array_equal(y_resumed, y)

    def test_it_costs_the_same_after_any_number_of_epochs(self, stream):
        draws = stream(8, 4, start_batch=4 * 10**15)
        assert [sorted(epoch) for epoch in epochs_of(draws, 4)] == [[0, 1, 2, 3]] * 2

    def test_none_of_the_files_before_are_read(self, stream, take, noise, save_pair):
        order = [draw.file for draw in stream(FILES, FILES)]
        pair = save_pair(noise(4, 6, 3), noise(4, 6, 3))
        found = ["missing.png" if number in order[:20] else pair for number in range(FILES)]
        batches = take(lambda: training_dataset(first(found), FORMAT, 1, seed=0, start_batch=20), 4)
        assert len(batches) == 4


class TestRanks:
    @pytest.mark.parametrize(("size", "each", "batch_size"), [(2, 3, 1), (3, 2, 2)])
    def test_together_they_see_each_file_once_in_an_epoch_as_one_would(
        self, stream, size, each, batch_size
    ):
        files = size * each * batch_size
        alone = epochs_of(stream(2 * size * each, files, batch_size), files)
        ranks = [stream(2 * each, files, batch_size, rank=rank, size=size) for rank in range(size)]
        for number, epoch in enumerate(alone):
            mine = slice(number * each * batch_size, (number + 1) * each * batch_size)
            together = [draw.file for draws in ranks for draw in draws[mine]]
            assert sorted(together) == sorted(epoch) == list(range(files))

    @pytest.mark.parametrize(("files", "size"), [(12, 3), (11, 3)])
    def test_each_has_files_of_its_own_in_every_epoch(self, stream, files, size):
        seen = []
        for rank in range(size):
            numbers = {draw.file for draw in stream(5 * files, files, rank=rank, size=size)}
            assert numbers == set(range(rank, files, size))
            seen += numbers
        assert sorted(seen) == list(range(files))

    def test_they_order_their_files_differently(self, stream):
        first, second = (
            epochs_of(stream(3 * 12, FILES, rank=rank, size=2), 12) for rank in range(2)
        )
        for mine, other in zip(first, second):
            assert [file // 2 for file in mine] != [file // 2 for file in other]

    def test_they_jitter_differently_at_each_batch_and_at_any_distance(self, stream):
        jitter = [draw[1:] for rank in range(3) for draw in stream(20, 6, rank=rank, size=3)]
        # Of 57 * 245 * 2 ways; 60 * 59 / 2 / 27930 = 0.06 pairs are expected to agree by chance.
        assert len(set(jitter)) >= 59


class TestFilesThatBreak:
    @pytest.fixture
    def broken(self, paths, tmp_path):
        """The first 6 files, the fourth of them cut off in the middle."""
        cut = tmp_path / "cut.png"
        contents = pathlib.Path(paths[3]).read_bytes()
        cut.write_bytes(contents[: len(contents) // 2])
        return [*paths[:3], str(cut), *paths[4:6]]

    def test_training_gets_tensorflows_error_after_the_pairs_before(self, stream, take, broken):
        draws = stream(6, 6)
        before = [draw.file for draw in draws].index(3)
        batches = []
        with pytest.raises(tf.errors.OpError):
            take(lambda: training_dataset(first(broken), FORMAT, 1, seed=0), 6, batches)
        assert draws_of(batches) == draws[:before]

    def test_evaluation_does_too(self, take, broken):
        batches = []
        with pytest.raises(tf.errors.OpError):
            take(lambda: evaluation_dataset(first(broken), FORMAT), None, batches)
        assert len(batches) == 3

    def test_the_file_can_be_found(self, broken):
        assert find_undecodable(first(broken), FORMAT)[0] == broken[3]
