import io

import numpy as np
import pytest
from PIL import Image

from input_fn import PairFormat
from input_fn.checks.faults import check_pairs
from input_fn.checks.undecodable import find_undecodable
from input_fn.errors import DataError
from input_fn.pairs import FilePairs


def pair_format(size=(32, 32), **fields):
    """The format for halves of 32x32 pixels, unless said otherwise."""
    channels = {"input_channels": 3, "output_channels": 3, **fields}
    return PairFormat(direction="AtoB", load_size=size, fine_size=size, **channels)


def encoded(kind="JPEG", width=64, height=32, mode="RGB", **options):
    """Returns the bytes of a picture that compresses badly, so that it has a long middle."""
    noise = np.random.RandomState(0).randint(0, 256, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    return file.getvalue()


def check(paths, *arguments, **options):
    return check_pairs(FilePairs.of_single_files(paths), *arguments, **options)


def write(folder, name, contents):
    (folder / name).write_bytes(contents)
    return str(folder / name)


def array(values):
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


GOOD = {
    "plain.jpg": encoded(),
    "other_extension.JPEG": encoded(),
    "plain.png": encoded("PNG"),
    "grey.jpg": encoded(mode="L"),
    "floats.npy": array(np.full((32, 64, 3), 0.5)),
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
    "not_an_array.npy": (b"numbers", "cannot be read as an array"),
    "objects.npy": (array(np.array([None, {}])), "cannot be read as an array"),
    "one_dimension.npy": (array(np.zeros(9)), r"shape \(9,\).*height, width, channels"),
    "complex.npy": (array(np.zeros((4, 4), np.complex64)), "type complex64"),
    "not_a_number.npy": (array(np.full((4, 4, 3), np.nan)), "not a number.*`nodata` nan"),
    "infinite.npy": (array(np.full((4, 4, 3), np.inf)), "values that are infinite"),
    "unscaled.npy": (
        array(np.full((32, 64, 3), 812.5)),
        "from 812.5 to 812.5.*`value_range` 812.5,812.5",
    ),
    "few_channels.npy": (array(np.zeros((32, 64, 2))), "2 channel.* 3 are asked for"),
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
        path = write(tmp_path, name, GOOD[name])
        assert check([path], pair_format()) == (FilePairs(((path,),)), [])

    def test_tensorflow_decodes_them_too(self, tmp_path):
        paths = [write(tmp_path, name, contents) for name, contents in GOOD.items()]
        assert find_undecodable(FilePairs.of_single_files(paths), pair_format()) is None

    @pytest.mark.parametrize("name", BAD)
    def test_bad_files_are_named_with_what_to_do(self, tmp_path, name):
        contents, message = BAD[name]
        path = write(tmp_path, name, contents)
        with pytest.raises(DataError, match=message) as caught:
            check([path], pair_format())
        line = str(caught.value)
        assert line.startswith(path + ": ")
        assert "\n" not in line
        assert line.count(path) == 1

    def test_a_file_damaged_in_its_middle_is_found(self, tmp_path):
        contents = bytearray(encoded("PNG"))
        contents[len(contents) // 2] ^= 0xFF
        path = write(tmp_path, "1.png", bytes(contents))
        with pytest.raises(DataError, match=r"1\.png: is incomplete or damaged"):
            check([path], pair_format())

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(DataError, match=r"gone\.jpg: cannot be read"):
            check([str(tmp_path / "gone.jpg")], pair_format())

    def test_the_first_bad_file_is_named_and_the_others_are_counted(self, tmp_path):
        good = [write(tmp_path, f"{number}.jpg", encoded()) for number in range(40)]
        bad = [write(tmp_path, f"bad{number}.jpg", b"") for number in range(3)]
        paths = [*good[:20], bad[1], *good[20:], bad[0], bad[2]]
        with pytest.raises(DataError, match=r"bad1\.jpg: .*\(2 more of the 43 files are bad\)$"):
            check(paths, pair_format())

    def test_one_bad_file_is_not_said_to_have_company(self, tmp_path):
        paths = [write(tmp_path, "bad.jpg", b""), write(tmp_path, "1.jpg", encoded())]
        with pytest.raises(DataError, match="remove it$"):
            check(paths, pair_format())

    @pytest.mark.parametrize(
        ("width", "height", "size"),
        [(64, 64, (64, 64)), (64, 63, (64, 64)), (64, 32, (32, 64)), (32, 64, (64, 32))],
    )
    def test_a_single_picture_is_not_taken_for_a_pair(self, tmp_path, width, height, size):
        path = write(tmp_path, "single.png", encoded("PNG", width, height))
        with pytest.raises(DataError, match=f"{width}x{height} .*shape of a single picture"):
            check([path], pair_format(size))

    @pytest.mark.parametrize(
        ("width", "height", "size"),
        [(128, 64, (64, 64)), (64, 62, (64, 64)), (64, 64, (64, 32)), (48, 64, (64, 64))],
    )
    def test_other_shapes_pass(self, tmp_path, width, height, size):
        check([write(tmp_path, "pair.png", encoded("PNG", width, height))], pair_format(size))

    @pytest.mark.parametrize("resize", ["crop", "pad"])
    def test_where_proportions_are_kept_every_shape_may_be_a_pair(self, tmp_path, resize):
        path = write(tmp_path, "pair.png", encoded("PNG", 64, 64))
        check([path], pair_format((64, 64), resize=resize))

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"input_channels": 4}, "`alpha` keep"),
            ({"output_channels": 5}, r"5; save what has more or other channels as \.npy"),
        ],
    )
    def test_channels_that_pictures_do_not_have_are_refused(self, tmp_path, fields, message):
        path = write(tmp_path, "1.png", encoded("PNG"))
        with pytest.raises(DataError, match=message):
            check([path], pair_format(**fields))

    def test_pictures_of_two_sizes_are_no_pair(self, tmp_path):
        pair = (
            write(tmp_path, "a.png", encoded("PNG", 64, 32)),
            write(tmp_path, "b.png", encoded("PNG", 64, 33)),
        )
        with pytest.raises(DataError, match=r"a\.png: is 64x32 pixels .*b\.png is 64x33"):
            check_pairs(FilePairs((pair,), "folders"), pair_format(layout="folders"))


class TestSkippingBadFiles:
    def test_the_rest_is_returned_and_each_bad_file_has_a_line(self, tmp_path):
        good = [write(tmp_path, f"{number}.jpg", encoded()) for number in range(3)]
        bad = [write(tmp_path, f"bad{number}.jpg", b"") for number in range(2)]
        checked = check([*good, *bad], pair_format(), skip_bad=True)
        assert checked.pairs == FilePairs.of_single_files(good)
        assert [line.split(": ")[0] for line in checked.bad] == bad

    def test_nothing_left_is_an_error(self, tmp_path):
        with pytest.raises(DataError, match="is empty"):
            check([write(tmp_path, "1.jpg", b"")], pair_format(), skip_bad=True)


class TestMemory:
    def test_files_that_have_not_changed_are_not_read_again(self, tmp_path, monkeypatch):
        paths = [write(tmp_path, f"{number}.jpg", encoded()) for number in range(3)]
        memory = str(tmp_path / "memory")
        first = check(paths, pair_format(), memory=memory)
        read = []
        monkeypatch.setattr("input_fn.checks.facts.read_bytes", lambda path: read.append(path))
        assert check(paths, pair_format(), memory=memory) == first
        assert read == []

    def test_a_file_that_has_changed_is_read_again(self, tmp_path):
        paths = [write(tmp_path, f"{number}.jpg", encoded()) for number in range(3)]
        memory = str(tmp_path / "memory")
        check(paths, pair_format(), memory=memory)
        write(tmp_path, "1.jpg", encoded()[:-200])
        with pytest.raises(DataError, match=r"1\.jpg: is incomplete"):
            check(paths, pair_format(), memory=memory)

    def test_other_formats_judge_what_is_remembered_anew(self, tmp_path):
        path = write(tmp_path, "1.png", encoded("PNG"))
        memory = str(tmp_path / "memory")
        check([path], pair_format(), memory=memory)
        with pytest.raises(DataError, match="`alpha` keep"):
            check([path], pair_format(input_channels=4), memory=memory)

    def test_a_memory_that_is_damaged_is_made_anew(self, tmp_path):
        path = write(tmp_path, "1.jpg", encoded())
        memory = tmp_path / "memory"
        check([path], pair_format(), memory=str(memory))
        for remembered in memory.iterdir():
            remembered.write_text("{", encoding="utf-8")
        assert check([path], pair_format(), memory=str(memory)).pairs.groups() == ((path,),)

    def test_the_data_set_itself_is_not_written_to(self, tmp_path):
        (tmp_path / "data").mkdir()
        path = write(tmp_path / "data", "1.jpg", encoded())
        check([path], pair_format(), memory=str(tmp_path / "memory"))
        assert [file.name for file in (tmp_path / "data").iterdir()] == ["1.jpg"]
