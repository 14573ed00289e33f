import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn.checking import check_pairs, find_undecodable
from input_fn.errors import DataError


def encoded(kind="JPEG", width=64, height=32, mode="RGB", **options):
    """Returns the bytes of a picture that compresses badly, so that it has a long middle."""
    noise = np.random.RandomState(0).randint(0, 256, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    return file.getvalue()


def write(folder, name, contents):
    (folder / name).write_bytes(contents)
    return str(folder / name)


def with_spoilt_huffman_tables(jpeg):
    """Claims more codes of each length than there can be; everything else stays as it is."""
    start = jpeg.index(b"\xff\xc4") + 5
    return jpeg[:start] + b"\xff" * 16 + jpeg[start + 16 :]


GOOD = {
    "plain.jpg": encoded(),
    "other_extension.JPEG": encoded(),
    "plain.png": encoded("PNG"),
    "grey.jpg": encoded(mode="L"),
    "palette.png": encoded("PNG", mode="P"),
    "transparent.png": encoded("PNG", mode="RGBA"),
    "progressive.jpg": encoded(progressive=True),
    "zeros_after_the_end.jpg": encoded() + bytes(100),
    "text_after_the_end.png": encoded("PNG") + b"some text",
    "from_a_camera.jpg": encoded("MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))]),
}

BAD = {
    "empty.jpg": (b"", "is empty"),
    "text.jpg": (b"this is text" * 50, "is not a picture"),
    "header_only.jpg": (encoded()[:40], "cannot be read"),
    "png_inside.jpg": (encoded("PNG"), r"holds a PNG picture; rename it to \.png"),
    "jpeg_inside.png": (encoded("JPEG"), r"holds a JPEG picture; rename it to \.jpg"),
    "gif_inside.jpg": (encoded("GIF"), "holds a GIF picture; save it as JPEG or PNG"),
    "odd.png": (encoded("PNG", width=63), "63x32 pixels.* odd width"),
    "last_byte_lost.jpg": (encoded()[:-1], "incomplete"),
    "end_lost.jpg": (encoded()[:-200], "incomplete"),
    "half_lost.jpg": (encoded()[: len(encoded()) // 2], "incomplete"),
    "end_lost.png": (encoded("PNG")[:-200], "incomplete"),
}


class TestCheckPairs:
    @pytest.mark.parametrize("name", GOOD)
    def test_good_files_pass(self, tmp_path, name):
        check_pairs([write(tmp_path, name, GOOD[name])], half_aspect=1.0)

    @pytest.mark.parametrize("name", BAD)
    def test_bad_files_are_named_with_what_to_do(self, tmp_path, name):
        contents, message = BAD[name]
        path = write(tmp_path, name, contents)
        with pytest.raises(DataError, match=message) as caught:
            check_pairs([path])
        line = str(caught.value)
        assert line.startswith(path + ": ")
        assert "\n" not in line
        assert line.count(path) == 1

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(DataError, match=r"gone\.jpg: cannot be read"):
            check_pairs([str(tmp_path / "gone.jpg")])

    def test_the_first_bad_file_is_named_and_the_others_are_counted(self, tmp_path):
        good = [write(tmp_path, f"{number}.jpg", encoded()) for number in range(40)]
        bad = [write(tmp_path, f"bad{number}.jpg", b"") for number in range(3)]
        paths = [*good[:20], bad[1], *good[20:], bad[0], bad[2]]
        with pytest.raises(DataError, match=r"bad1\.jpg: .*\(2 more of the 43 files are bad\)$"):
            check_pairs(paths)

    def test_one_bad_file_is_not_said_to_have_company(self, tmp_path):
        with pytest.raises(DataError, match="remove it$"):
            check_pairs([write(tmp_path, "bad.jpg", b""), write(tmp_path, "1.jpg", encoded())])

    @pytest.mark.parametrize(
        ("width", "height", "half_aspect"),
        [(64, 64, 1.0), (64, 63, 1.0), (64, 32, 2.0), (32, 64, 0.5)],
    )
    def test_a_single_picture_is_not_taken_for_a_pair(self, tmp_path, width, height, half_aspect):
        path = write(tmp_path, "single.png", encoded("PNG", width, height))
        with pytest.raises(DataError, match=f"{width}x{height} .*shape of a single picture"):
            check_pairs([path], half_aspect)

    @pytest.mark.parametrize(
        ("width", "height", "half_aspect"),
        [(128, 64, 1.0), (64, 62, 1.0), (64, 64, 0.5), (64, 64, None), (48, 64, 1.0)],
    )
    def test_other_shapes_pass(self, tmp_path, width, height, half_aspect):
        check_pairs([write(tmp_path, "pair.png", encoded("PNG", width, height))], half_aspect)


class TestFindUndecodable:
    def test_names_the_first_file_that_tensorflow_cannot_decode(self, tmp_path):
        spoilt = with_spoilt_huffman_tables(encoded())
        paths = [
            write(tmp_path, "1.jpg", encoded()),
            write(tmp_path, "2.png", encoded("PNG")),
            write(tmp_path, "3.jpg", spoilt),
            write(tmp_path, "4.jpg", encoded()),
            write(tmp_path, "5.jpg", spoilt),
        ]
        # The reason why this function is needed: what it looks for is not seen beforehand.
        check_pairs(paths)
        path, reason = find_undecodable(paths)
        assert path == paths[2]
        assert "JPEG" in reason
        assert "\n" not in reason
        assert "{{" not in reason

    def test_names_a_file_that_has_gone(self, tmp_path):
        paths = [write(tmp_path, "1.jpg", encoded()), str(tmp_path / "2.jpg")]
        path, reason = find_undecodable(paths)
        assert path == paths[1]
        assert "No such file" in reason

    def test_finds_nothing_in_good_files(self, tmp_path):
        paths = [write(tmp_path, name, contents) for name, contents in GOOD.items()]
        assert find_undecodable(paths) is None

    def test_finds_nothing_in_no_files(self):
        assert find_undecodable([]) is None

    def test_the_decoder_can_be_given(self, tmp_path):
        paths = [write(tmp_path, "1.jpg", encoded())]
        path, reason = find_undecodable(
            paths, lambda contents: tf.io.decode_raw(contents, tf.int64)
        )
        assert path == paths[0]
        assert reason
