"""The stream of pairs from files, from a cache and from packed files."""

import json
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import DataError, PairFormat, evaluation_dataset, list_pairs, training_dataset
from input_fn.prepare import main

FORMAT = PairFormat("AtoB", 1, 1, load_size=(4, 4), fine_size=(4, 4))
COUNT = 23


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pairs of one grey each, by which they are known: number n has the level 10 n."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "train").mkdir()
    for number in range(COUNT):
        Image.new("L", (8, 4), 10 * number).save(str(folder / "train" / f"{number}.png"))
    return folder


@pytest.fixture(scope="module")
def packed(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    assert main(["pack", str(data), str(folder), "--shards=4"]) == 0
    return folder


def numbers(dataset, count):
    """Returns which pairs the first elements of a stream are."""
    with tf.Graph().as_default(), tf.Session() as session:
        iterator = tf.data.make_initializable_iterator(dataset())
        following = iterator.get_next()
        session.run(iterator.initializer)
        levels = [session.run(following)[1].mean() for _ in range(count)]
    return [round((float(level) + 1) * 12.75) for level in levels]


def stream(folder, count, **fields):
    pairs = list_pairs(str(folder / "train"))
    return numbers(lambda: training_dataset(pairs, FORMAT, 1, 7, **fields), count)


class TestCache:
    @pytest.fixture(params=["memory", "folder"])
    def cache(self, request, tmp_path):
        return "memory" if request.param == "memory" else str(tmp_path / "cache")

    def test_it_changes_nothing_in_the_stream(self, data, cache):
        assert stream(data, 3 * COUNT, cache=cache) == stream(data, 3 * COUNT)

    def test_files_are_read_once(self, data, cache, tmp_path):
        copy = tmp_path / "data"
        shutil.copytree(str(data), str(copy))
        pairs = list_pairs(str(copy / "train"))

        with tf.Graph().as_default(), tf.Session() as session:
            dataset = training_dataset(pairs, FORMAT, 1, 7, cache=cache)
            iterator = tf.data.make_initializable_iterator(dataset)
            following = iterator.get_next()
            session.run(iterator.initializer)
            for _ in range(COUNT):
                session.run(following)
            shutil.rmtree(str(copy))
            for _ in range(2 * COUNT):
                session.run(following)

    def test_a_folder_serves_the_next_run_too(self, data, tmp_path):
        cache = str(tmp_path / "cache")
        stream(data, COUNT, cache=cache)
        kept = sorted(path.name for path in (tmp_path / "cache").iterdir())
        assert len(kept) == COUNT
        stream(data, COUNT, cache=cache)
        assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == kept

    def test_a_file_that_has_changed_is_not_taken_from_the_folder(self, data, tmp_path):
        copy = tmp_path / "data"
        shutil.copytree(str(data), str(copy))
        cache = str(tmp_path / "cache")
        assert 25 not in stream(copy, COUNT, cache=cache)
        Image.new("L", (8, 4), 250).save(str(copy / "train" / "3.png"))
        assert 25 in stream(copy, COUNT, cache=cache)

    def test_what_is_damaged_in_the_folder_is_made_again(self, data, tmp_path):
        cache = tmp_path / "cache"
        before = stream(data, COUNT, cache=str(cache))
        for path in cache.iterdir():
            path.write_bytes(path.read_bytes()[:20])
        assert stream(data, COUNT, cache=str(cache)) == before

    def test_a_folder_that_cannot_be_made_is_named(self, data, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(DataError, match="file/cache: cannot be written"):
            stream(data, 1, cache=str(tmp_path / "file" / "cache"))


class TestPacked:
    def test_each_epoch_has_every_pair_once_in_an_order_of_its_own(self, packed):
        found = stream(packed, 3 * COUNT)
        epochs = [found[start : start + COUNT] for start in (0, COUNT, 2 * COUNT)]
        assert [sorted(epoch) for epoch in epochs] == [list(range(COUNT))] * 3
        assert epochs[0] != epochs[1] != epochs[2]

    def test_the_order_mixes_the_files(self, packed):
        # In four files one after the other, of six pairs each or so.
        neighbours = np.abs(np.diff(stream(packed, COUNT)))
        assert neighbours.mean() > 3

    def test_a_stream_goes_on_where_the_one_before_was_left(self, packed):
        assert stream(packed, 40, start_batch=30) == stream(packed, 70)[30:]

    def test_ranks_share_the_pairs_out(self, packed):
        shares = [stream(packed, COUNT // 2, rank=rank, size=2) for rank in (0, 1)]
        # 23 pairs: one rank has 12, the other 11, of which 11 are looked at here.
        assert len(set(shares[0]) | set(shares[1])) == 2 * (COUNT // 2)

    def test_in_evaluation_the_order_is_that_of_the_names(self, packed):
        pairs = list_pairs(str(packed / "train"))
        assert numbers(lambda: evaluation_dataset(pairs, FORMAT), COUNT) == list(range(COUNT))

    def test_a_limit_takes_the_first_pairs(self, packed):
        pairs = list_pairs(str(packed / "train"), limit=5)
        found = numbers(lambda: training_dataset(pairs, FORMAT, 1, 7), 5)
        assert sorted(found) == list(range(5))

    def test_a_file_of_another_size_is_named(self, packed, tmp_path):
        copy = tmp_path / "packed"
        shutil.copytree(str(packed), str(copy))
        file = copy / "train" / "pairs-00002-of-00004.tfrecord"
        file.write_bytes(file.read_bytes()[:-1])
        with pytest.raises(DataError, match=r"pairs-00002-of-00004\.tfrecord: has \d+ bytes"):
            list_pairs(str(copy / "train"))
        file.unlink()
        with pytest.raises(DataError, match=r"pairs-00002-of-00004\.tfrecord: is missing"):
            list_pairs(str(copy / "train"))

    def test_an_index_that_cannot_be_read_is_named(self, packed, tmp_path):
        (tmp_path / "train").mkdir()
        (tmp_path / "train" / "packed.json").write_text(json.dumps({"version": 9}))
        with pytest.raises(DataError, match=r"packed\.json: cannot be read \(version 9\)"):
            list_pairs(str(tmp_path / "train"))

    def test_another_layout_is_refused(self, packed):
        with pytest.raises(DataError, match="side_by_side, not folders"):
            list_pairs(str(packed / "train"), layout="folders")

    def test_it_is_not_cached(self, packed):
        with pytest.raises(DataError, match="`cache`"):
            stream(packed, 1, cache="memory")
