"""Formats other than JPEG and PNG: the commands make JPEG and PNG files of them."""

import numpy as np
import pytest
from PIL import Image

from input_fn.prepare import main

FORMATS = {"a.bmp": "BMP", "b.tif": "TIFF", "c.TIFF": "TIFF", "d.webp": "WEBP", "e.gif": "GIF"}


@pytest.fixture
def pictures(tmp_path, noise):
    pixels = np.kron(noise(2, 2, 3), np.ones((4, 4, 1))).astype(np.uint8)
    (tmp_path / "in").mkdir()
    for name, kind in FORMATS.items():
        options = {"lossless": True} if kind == "WEBP" else {}
        Image.fromarray(pixels).save(str(tmp_path / "in" / name), kind, **options)
    return pixels


def test_each_is_read_and_written_without_loss(tmp_path, pictures, pixels_of, files_below):
    assert main(["resize", str(tmp_path / "in"), str(tmp_path / "out"), "--size=8"]) == 0
    assert files_below(tmp_path / "out") == [f"{letter}.png" for letter in "abcde"]
    for letter in "abcd":
        np.testing.assert_array_equal(pixels_of(tmp_path / "out" / f"{letter}.png"), pictures)


def test_what_has_more_than_8_bits_or_is_broken_is_skipped_with_the_reason(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    Image.new("F", (4, 4)).save(str(tmp_path / "in" / "float.tif"))
    (tmp_path / "in" / "text.webp").write_bytes(b"text")
    assert main(["grey", str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert "float.tif: has more than 8 bits (mode F); save it with 8" in error
    assert "text.webp: cannot be read" in error


def test_split_copies_files_as_they_are_and_so_names_what_could_not_be_trained_on(
    tmp_path, pictures, capsys, save, files_below
):
    save(tmp_path / "in" / "1.png")
    np.save(str(tmp_path / "in" / "2.npy"), np.zeros((4, 8, 3), np.uint8))
    flags = ["--train=1", "--val=0", "--test=0"]
    assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 1
    found = ["train/1.png", "train/2.npy", "train/b.tif", "train/c.TIFF"]
    assert files_below(tmp_path / "out") == found
    error = capsys.readouterr().err
    others = [name for name, kind in FORMATS.items() if kind != "TIFF"]
    assert error.count("skipped: ") == len(others)
    assert all(
        f"skipped: {tmp_path / 'in' / name}: training reads .jpg" in error for name in others
    )
