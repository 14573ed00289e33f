"""Kinds of pairs: what each says of itself, and what comes of taking some of them."""

import shutil

import pytest
import tensorflow.compat.v1 as tf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from input_fn import JPEG, PNG, DataError, list_pairs
from input_fn.pairs import FilePairs
from input_fn.prepare import main

COUNT = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pairs A, B in folders of their own, B of number n with the level n; and packed."""
    folder = tmp_path_factory.mktemp("pairs")
    for side in "AB":
        (folder / "data" / "train" / side).mkdir(parents=True)
    for number in range(COUNT):
        train = folder / "data" / "train"
        Image.new("L", (4, 4)).save(str(train / "A" / f"{number}.jpg"))
        Image.new("L", (4, 4), number).save(str(train / "B" / f"{number}.png"))
    arguments = ["--shards=2", "--data_layout=folders"]
    assert main(["pack", str(folder / "data"), str(folder / "packed"), *arguments]) == 0
    return folder


@pytest.fixture(params=["data", "packed"])
def pairs(request, folder):
    return list_pairs(str(folder / request.param / "train"), layout="folders")


def read(pairs, dataset):
    """Returns the levels of the files B of a dataset's elements."""
    with tf.Graph().as_default(), tf.Session() as session:
        reader = pairs.reader([1])
        level = dataset().map(lambda element: tf.image.decode_png(reader(element)[0])[0, 0, 0])
        following = tf.data.make_one_shot_iterator(level).get_next()
        found = []
        try:
            while True:
                found.append(int(session.run(following)))
        except tf.errors.OutOfRangeError:
            return found


def levels(pairs):
    """Reads pairs in their order and checks that length and names are right."""
    found = read(pairs, pairs.in_order)
    assert len(pairs) == len(found)
    assert list(pairs.names) == [f"{number}.jpg" for number in found]
    return found


def test_they_say_what_they_are(pairs):
    assert pairs.layout == "folders"
    assert pairs.kinds == (frozenset([JPEG]), frozenset([PNG]))
    assert levels(pairs) == list(range(COUNT))


@pytest.mark.parametrize(("count", "left"), [(1, 1), (4, 4), (COUNT, COUNT), (99, COUNT)])
def test_the_first_can_be_taken(pairs, count, left):
    assert levels(pairs.take(count)) == list(range(left))


def test_none_takes_all(pairs):
    assert levels(pairs.take(None)) == list(range(COUNT))


def test_some_can_be_chosen(pairs):
    chosen = pairs.choose([1, 2, 5, 8])
    assert levels(chosen) == [1, 2, 5, 8]
    assert levels(chosen.choose([0, 3])) == [1, 8]


@pytest.mark.parametrize("size", [1, 2, 4, COUNT])
def test_ranks_take_turns(pairs, size):
    for rank in range(size):
        assert levels(pairs.shard(rank, size)) == list(range(rank, COUNT, size))


def test_what_is_taken_can_be_taken_from(pairs):
    assert levels(pairs.take(7).shard(1, 2)) == [1, 3, 5]
    assert levels(pairs.shard(1, 2).take(2)) == [1, 3]
    assert levels(pairs.shard(1, 2).shard(1, 2)) == [3, 7]
    assert levels(pairs.choose([0, 2, 3, 7]).shard(1, 2)) == [2, 7]


def test_ranks_shuffle_all_pairs_between_them(pairs):
    def draws(count):
        return tf.random.stateless_uniform([count], seed=[3, 4], dtype=tf.float64)

    found = []
    for rank in range(2):
        shard = pairs.shard(rank, 2)
        found.append(read(shard, lambda shard=shard: shard.shuffled(draws, draws)))
        assert len(found[-1]) == len(shard)
    assert sorted(found[0] + found[1]) == list(range(COUNT))
    assert found[0] != sorted(found[0])


def test_more_ranks_than_pairs_are_refused(pairs):
    with pytest.raises(DataError, match=r"train.*: 9 picture.* 10 device.*at least 10"):
        pairs.shard(0, COUNT + 1)


@pytest.mark.parametrize(("rank", "size"), [(2, 2), (-1, 2), (0, 0)])
def test_a_rank_out_of_range_is_refused(pairs, rank, size):
    with pytest.raises(ValueError, match="rank"):
        pairs.shard(rank, size)


class TestFiles:
    @given(size=st.integers(1, 12), extra=st.integers(0, 50))
    def test_every_file_is_in_exactly_one_of_nearly_equal_shards(self, size, extra):
        paths = [f"{number}.jpg" for number in range(size + extra)]
        pairs = FilePairs.of_single_files(paths)
        shards = [pairs.shard(rank, size) for rank in range(size)]
        assert sorted(path for one in shards for (path,) in one.groups()) == sorted(paths)
        lengths = [len(one) for one in shards]
        assert max(lengths) - min(lengths) <= 1

    def test_no_files_are_refused(self):
        with pytest.raises(DataError, match="^0 picture"):
            FilePairs(()).shard(0, 1)

    def test_a_pair_may_have_any_number_of_files(self, tmp_path):
        group = [tmp_path / f"{number}.png" for number in range(3)]
        for number, path in enumerate(group):
            Image.new("L", (4, 4), number).save(str(path))
        pairs = FilePairs((tuple(map(str, group)),), "folders")
        assert len(pairs.kinds) == 3
        assert pairs.names == ("0.png",)
        assert pairs.place(0, 2) == str(group[2])
        with tf.Graph().as_default(), tf.Session() as session:
            contents = session.run(pairs.reader(range(3))(tf.constant(0)))
        assert contents == [path.read_bytes() for path in group]

    def test_a_stamp_changes_with_any_of_the_files(self, folder, tmp_path):
        shutil.copytree(str(folder / "data"), str(tmp_path / "data"))
        pairs = list_pairs(str(tmp_path / "data" / "train"), layout="folders")
        before = pairs.stamps()
        Image.new("L", (4, 5)).save(str(tmp_path / "data" / "train" / "B" / "3.png"))
        changed = [old != new for old, new in zip(before, pairs.stamps())]
        assert changed == [number == 3 for number in range(COUNT)]


class TestPacked:
    def test_the_place_of_a_pair_is_its_file_and_its_name(self, folder):
        pairs = list_pairs(str(folder / "packed" / "train"), layout="folders")
        assert pairs.place(3, 0).endswith("pairs-00000-of-00002.tfrecord: pair 3.jpg, file 1 of 2")
        assert pairs.place(4, 1).endswith("pairs-00001-of-00002.tfrecord: pair 4.jpg, file 2 of 2")
        assert "00001-of-00002.tfrecord: pair 8.jpg" in pairs.shard(2, 3).place(2, 0)

    def test_there_are_no_files_to_be_checked(self, folder):
        assert list_pairs(str(folder / "packed" / "train"), layout="folders").groups() == ()
