"""The file that TensorFlow failed on, found again, in a folder of files and in packed ones."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import JPEG, PairFormat, find_undecodable, list_pairs, write_json
from input_fn.packed import INDEX, Index, encode, index_content
from input_fn.pairs import FilePairs


def pair_format(layout="side_by_side"):
    return PairFormat("AtoB", 3, 3, load_size=(32, 32), fine_size=(32, 32), layout=layout)


def encoded(kind="JPEG"):
    noise = np.random.RandomState(0).randint(0, 256, (32, 64, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, kind)
    return file.getvalue()


def spoilt():
    """Claims more Huffman codes of each length than there can be; all else is as it was."""
    jpeg = encoded()
    start = jpeg.index(b"\xff\xc4") + 5
    return jpeg[:start] + b"\xff" * 16 + jpeg[start + 16 :]


def write(folder, name, contents):
    (folder / name).write_bytes(contents)
    return str(folder / name)


class TestFiles:
    def find(self, paths):
        return find_undecodable(FilePairs.of_single_files(paths), pair_format())

    def test_names_the_first_file_that_tensorflow_cannot_decode(self, tmp_path):
        paths = [
            write(tmp_path, "1.jpg", encoded()),
            write(tmp_path, "2.png", encoded("PNG")),
            write(tmp_path, "3.jpg", spoilt()),
            write(tmp_path, "4.jpg", encoded()),
            write(tmp_path, "5.jpg", spoilt()),
        ]
        path, reason = self.find(paths)
        assert path == paths[2]
        assert "JPEG" in reason
        assert "\n" not in reason
        assert "{{" not in reason

    def test_names_a_file_that_has_gone(self, tmp_path):
        paths = [write(tmp_path, "1.jpg", encoded()), str(tmp_path / "2.jpg")]
        path, reason = self.find(paths)
        assert path == paths[1]
        assert "No such file" in reason

    def test_names_the_file_of_b_and_not_its_partner(self, tmp_path):
        good, bad = write(tmp_path, "1.jpg", encoded()), str(tmp_path / "2.npy")
        np.save(bad, np.zeros((4, 4, 2)))
        pairs = FilePairs(((good, bad),), "folders")
        path, reason = find_undecodable(pairs, pair_format("folders"))
        assert path == bad
        assert "3 channels" in reason

    def test_names_the_missing_file_of_b_and_not_its_partner(self, tmp_path):
        good, gone = write(tmp_path, "1.jpg", encoded()), str(tmp_path / "2.jpg")
        pairs = FilePairs(((good, gone),), "folders")
        assert find_undecodable(pairs, pair_format("folders"))[0] == gone

    def test_finds_nothing_in_good_files(self, tmp_path):
        paths = [write(tmp_path, "1.jpg", encoded()), write(tmp_path, "2.png", encoded("PNG"))]
        assert self.find(paths) is None

    def test_finds_nothing_in_no_files(self):
        assert self.find([]) is None


class TestPacked:
    """Two files of three pairs each."""

    def pack(self, folder, contents, layout="side_by_side"):
        files, sizes = np.array_split(np.arange(len(contents)), 2), {}
        for number, positions in enumerate(files):
            path = folder / f"{number}.tfrecord"
            with tf.io.TFRecordWriter(str(path)) as writer:
                for position in positions:
                    writer.write(encode(contents[position]))
            sizes[path.name] = path.stat().st_size
        names = [f"{number}.jpg" for number in range(len(contents))]
        kinds = (frozenset([JPEG]),) * len(contents[0])
        write_json(str(folder / INDEX), index_content(sizes, Index((), names, layout, kinds)))
        return list_pairs(str(folder), layout=layout)

    @pytest.mark.parametrize("bad", [0, 2, 3, 5])
    def test_names_the_file_and_the_pair(self, tmp_path, bad):
        contents = [[encoded()] for _ in range(6)]
        contents[bad] = [spoilt()]
        pairs = self.pack(tmp_path, contents)
        place, reason = find_undecodable(pairs, pair_format())
        assert place == f"{tmp_path}/{bad // 3}.tfrecord: pair {bad}.jpg"
        assert "JPEG" in reason
        assert find_undecodable(pairs.shard(bad % 2, 2), pair_format())[0] == place
        assert find_undecodable(pairs.shard(1 - bad % 2, 2), pair_format()) is None

    def test_names_the_file_of_the_pair(self, tmp_path):
        contents = [[encoded(), encoded()] for _ in range(6)]
        contents[4][1] = spoilt()
        place, _ = find_undecodable(
            self.pack(tmp_path, contents, "folders"), pair_format("folders")
        )
        assert place == f"{tmp_path}/1.tfrecord: pair 4.jpg, file 2 of 2"

    def test_a_record_that_is_damaged_is_named(self, tmp_path):
        pairs = self.pack(tmp_path, [[encoded()] for _ in range(6)])
        content = bytearray((tmp_path / "1.tfrecord").read_bytes())
        content[len(content) // 2] ^= 0xFF
        write(tmp_path, "1.tfrecord", bytes(content))
        place, reason = find_undecodable(pairs, pair_format())
        assert place == f"{tmp_path}/1.tfrecord: pair 4.jpg"
        assert "corrupted record" in reason

    def test_finds_nothing_in_good_ones(self, tmp_path):
        pairs = self.pack(tmp_path, [[encoded()] for _ in range(6)])
        assert find_undecodable(pairs, pair_format()) is None
