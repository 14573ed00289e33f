"""Photos that are stored on their side: Pillow, which turns them by itself, is the judge."""

import io
import json

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image, ImageOps

from input_fn import PairFormat, check_pairs, evaluation_dataset, list_pairs
from input_fn.orientation import orientation_of, turned_upright
from input_fn.prepare import main

ALL = range(1, 9)


def encoded(pixels, orientation, kind="JPEG", endian="<", **more):
    """Encodes pixels, the tag of the orientation behind others as cameras have them."""
    exif = Image.Exif()
    exif.endian = endian
    exif[0x010F] = "a maker's name"
    exif[0x0112] = orientation
    exif[0x0132] = "2026:11:26 00:00:00"
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, exif=exif.tobytes(), **more)
    return buffer.getvalue()


def upright(content):
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(ImageOps.exif_transpose(picture))


@pytest.fixture(scope="module")
def read_orientations():
    with tf.Graph().as_default(), tf.Session() as session:
        contents = tf.placeholder(tf.string, [])
        number = orientation_of(contents)
        yield lambda files: [session.run(number, {contents: each}) for each in files]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("endian", ["<", ">"], ids=["little", "big"])
def test_each_number_is_read_from_files_as_pillow_writes_them(
    noise, read_orientations, kind, endian
):
    files = [encoded(noise(8, 6, 3), number, kind, endian) for number in ALL]
    assert read_orientations(files) == list(ALL)


def test_what_says_nothing_or_nonsense_is_upright(noise, read_orientations):
    buffer = io.BytesIO()
    Image.fromarray(noise(8, 6, 3)).save(buffer, "JPEG")
    plain = buffer.getvalue()
    odd = [encoded(noise(8, 6, 3), number) for number in (0, 9, 700)]
    short = [b"x", b"Exif\0\0", plain[:2] + b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\x7f"]
    assert read_orientations([plain, *odd, *short]) == [1] * 8


def test_turning_is_what_pillow_does(noise):
    with tf.Graph().as_default(), tf.Session() as session:
        picture, number = tf.placeholder(tf.uint8, [None, None, 3]), tf.placeholder(tf.int32, [])
        turned = turned_upright(picture, number)
        for orientation in ALL:
            pixels = noise(7, 5, 3, seed=orientation)
            found = session.run(turned, {picture: pixels, number: orientation})
            np.testing.assert_array_equal(found, upright(encoded(pixels, orientation, "PNG")))


def write(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


@pytest.fixture
def phone_photos(tmp_path, noise):
    """Pairs in folders: A as a phone stores it, B upright; the pixels of A as they are seen."""
    seen = []
    for orientation in ALL:
        shape = (32, 64, 3) if orientation < 5 else (64, 32, 3)
        smooth = np.kron(
            noise(2, 2, 3, seed=orientation), np.ones((shape[0] // 2, shape[1] // 2, 1))
        )
        a = encoded(smooth.astype(np.uint8), orientation, quality=95, subsampling=0)
        seen.append(upright(a))
        write(tmp_path / "in" / "train" / "A", f"{orientation}.jpg", a)
        b = np.full(seen[-1].shape, 100, np.uint8)
        write(tmp_path / "in" / "train" / "B", f"{orientation}.png", encoded(b, 1, "PNG"))
    return tmp_path / "in", seen


FORM = PairFormat("AtoB", 3, 3, (32, 64), (32, 64), layout="folders")


def inputs(take, folder):
    pairs = check_pairs(list_pairs(str(folder / "train"), layout="folders"), FORM).pairs
    return [x["input"][0] for x, _ in take(lambda: evaluation_dataset(pairs, FORM))]


def test_the_network_sees_photos_upright(phone_photos, take):
    folder, seen = phone_photos
    for found, expected in zip(inputs(take, folder), seen):
        # JPEG decoders differ by a few levels.
        assert np.abs((found + 1) * 127.5 - expected).max() < 6


def test_so_it_does_when_they_are_packed(phone_photos, take, tmp_path):
    folder, _ = phone_photos
    flags = ["--data_layout=folders", "--shards=2"]
    assert main(["pack", str(folder), str(tmp_path / "packed"), *flags]) == 0
    for found, expected in zip(inputs(take, tmp_path / "packed"), inputs(take, folder)):
        np.testing.assert_array_equal(found, expected)


def test_a_check_counts_them_in_the_size_that_is_seen(phone_photos, capsys):
    folder, _ = phone_photos
    flags = ["--json=-", "--data_layout=folders", "--image_size=32x64"]
    assert main(["check", str(folder), *flags]) == 0
    assert json.loads(capsys.readouterr().out)["splits"]["train"]["sizes"] == {"32x64": 16}


@pytest.mark.parametrize("command", ["grey", "edges", "blank"])
def test_commands_write_them_upright(tmp_path, noise, command):
    content = encoded(noise(8, 6, 3), 6)
    write(tmp_path / "in", "1.jpg", content)
    assert main([command, str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    pair = upright((tmp_path / "out" / "1.jpg").read_bytes())
    assert pair.shape == (6, 2 * 8, 3)


def test_resize_and_pair_take_them_as_they_are_seen(tmp_path, noise):
    smooth = np.kron(noise(2, 2, 3), np.ones((8, 16, 1))).astype(np.uint8)
    content = encoded(smooth, 6, quality=95, subsampling=0)
    write(tmp_path / "a", "1.jpg", content)
    write(tmp_path / "b", "1.png", encoded(upright(content), 1, "PNG"))
    assert main(["resize", str(tmp_path / "a"), str(tmp_path / "small"), "--size=16x8"]) == 0
    expected = Image.fromarray(upright(content)).resize((8, 16), Image.LANCZOS)
    found = upright((tmp_path / "small" / "1.jpg").read_bytes()).astype(int)
    assert np.abs(found - np.asarray(expected)).mean() < 4

    assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "pairs"))]) == 0
    joined = upright((tmp_path / "pairs" / "1.png").read_bytes())
    np.testing.assert_array_equal(joined[:, :16], joined[:, 16:])
