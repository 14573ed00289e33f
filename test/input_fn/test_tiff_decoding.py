"""Decoding TIFF files: without the packages that it needs, and beside TensorFlow's own work."""

import itertools
import os
import pathlib
import subprocess
import sys
import threading

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image
from written_tiff import bands, by_pillow, by_tifffile

from input_fn import PairFormat, evaluation_dataset, list_pairs
from input_fn import decoding as decoding_module
from input_fn.pairs import FilePairs

PREPARE = pathlib.Path(__file__).resolve().parents[2] / "input_fn" / "prepare.py"


class TestMissingPackages:
    """In a process that cannot import them, by the command line."""

    @pytest.fixture
    def checked(self, tmp_path):
        def checked(content, missing):
            (tmp_path / "train").mkdir()
            (tmp_path / "train" / "1.tif").write_bytes(content)
            blocked = tmp_path / "blocked"
            blocked.mkdir()
            (blocked / f"{missing}.py").write_text("raise ImportError('it is not there')")
            return subprocess.run(
                [sys.executable, str(PREPARE), "check", str(tmp_path)],
                env={**os.environ, "PYTHONPATH": str(blocked)},
                capture_output=True,
                text=True,
                check=False,
            )

        return checked

    def test_without_tifffile_its_extra_is_named(self, checked):
        process = checked(by_tifffile(bands(3)), "tifffile")
        assert process.returncode == 2
        assert process.stderr.count("\n") == 1
        assert "1.tif: TIFF files need the package tifffile" in process.stderr
        assert "pip install '.[tiff]'" in process.stderr

    def test_without_imagecodecs_what_needs_it_says_so(self, checked):
        picture = Image.new("RGB", (64, 32))
        process = checked(by_pillow(picture, compression="tiff_lzw"), "imagecodecs")
        assert process.returncode == 2
        assert process.stderr.count("\n") == 1
        assert "1.tif: is compressed by LZW, which needs the package imagecodecs" in process.stderr
        assert "pip install '.[tiff-codecs]'" in process.stderr

    @pytest.mark.parametrize("options", [{}, {"compression": "zlib", "tile": (16, 16)}])
    def test_what_does_not_need_imagecodecs_does_without(self, checked, options):
        process = checked(by_tifffile(bands(4, width=22), **options), "imagecodecs")
        assert (process.returncode, process.stderr) == (0, "")


class TestThreads:
    def test_while_files_are_decoded_tensorflow_computes(self, tmp_path, monkeypatch):
        """Even with one thread, which the decoder, waiting for its turn, would have for itself."""
        decoding, may_end = threading.Event(), threading.Event()
        decode = decoding_module.decode_array

        def slowly(*arguments):
            decoding.set()
            assert may_end.wait(60)
            return decode(*arguments)

        monkeypatch.setattr(decoding_module, "decode_array", slowly)
        path = str(tmp_path / "1.tif")
        pathlib.Path(path).write_bytes(by_tifffile(bands(1)[..., 0]))
        pairs = FilePairs(((path, path),), "folders")
        pair_format = PairFormat("AtoB", 1, 1, (4, 4), (4, 4), layout="folders")
        with tf.Graph().as_default():
            dataset = evaluation_dataset(pairs, pair_format)
            following = tf.data.make_one_shot_iterator(dataset).get_next()
            start = tf.placeholder(tf.float32, [])
            # Of several branches, so that it takes a thread.
            total = tf.add_n([tf.sin(start * number) for number in range(20)])
            config = tf.ConfigProto(inter_op_parallelism_threads=1, use_per_session_threads=True)
            with tf.Session(config=config) as session:
                reading = threading.Thread(target=session.run, args=(following,))
                reading.start()
                assert decoding.wait(60)
                computing = threading.Thread(target=session.run, args=(total, {start: 1.0}))
                computing.start()
                computing.join(20)
                is_done = not computing.is_alive()
                may_end.set()
                reading.join()
                computing.join()
        assert is_done


def test_names_may_be_of_either_ending_in_any_case(tmp_path, take):
    names = ["1.tif", "2.TIF", "3.tiff", "4.TIFF"]
    for name, side in itertools.product(names, ("A", "B")):
        (tmp_path / side).mkdir(exist_ok=True)
        (tmp_path / side / name).write_bytes(by_tifffile(np.full((4, 4), int(name[0]), np.uint8)))
    pairs = list_pairs(str(tmp_path), layout="folders")
    pair_format = PairFormat("AtoB", 1, 1, (4, 4), (4, 4), layout="folders")
    found = take(lambda: evaluation_dataset(pairs, pair_format))
    levels = [round(float((y.mean() + 1) * 127.5)) for _, y in found]
    assert levels == [1, 2, 3, 4]
