"""A second check of many files: quick, and not to be deceived."""

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from input_fn import PairFormat, list_pairs
from input_fn.checks.faults import check_pairs
from input_fn.errors import DataError
from input_fn.orientation import EXIF_TAG


def pair_format(**fields):
    channels = {"input_channels": 3, "output_channels": 3, **fields}
    return PairFormat(direction="AtoB", load_size=(32, 32), fine_size=(32, 32), **channels)


def write_picture(path, seed, width=64, **options):
    noise = np.random.RandomState(seed).randint(0, 256, (32, width, 3), np.uint8)
    Image.fromarray(noise).save(str(path), **options)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(4):
        write_picture(folder / f"{number}.png", number)
    return folder


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "memory"


@pytest.fixture
def check(data, memory):
    """Checks the data, and says which files were decoded for it."""

    def run(layout="side_by_side", **fields):
        pairs = list_pairs(str(data), None, layout)
        return check_pairs(pairs, pair_format(layout=layout, **fields), memory=str(memory))

    return run


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that are read for a check, in any order."""
    from input_fn.checks import facts

    names, original = [], facts.read_bytes

    def read(path):
        names.append(os.path.basename(path))
        return original(path)

    monkeypatch.setattr(facts, "read_bytes", read)
    return names


def forget_single_files(memory):
    """Leaves of the memory what is remembered of all files together."""
    for path in memory.glob("check-*"):
        path.unlink()


def damage(path):
    path.write_bytes(path.read_bytes()[:-200])


def test_files_that_have_not_changed_are_known_by_one_short_note(check, memory, decoded):
    first = check()
    assert sorted(decoded) == ["0.png", "1.png", "2.png", "3.png"]
    decoded.clear()
    forget_single_files(memory)
    (note,) = memory.iterdir()
    assert note.stat().st_size < 300
    assert check() == first
    assert decoded == []


class TestChanges:
    """Each is found though all the rest is as it was; only what changed is decoded."""

    @pytest.fixture(autouse=True)
    def known(self, check, decoded):
        check()
        decoded.clear()

    def test_of_the_size(self, data, check, decoded):
        state = (data / "2.png").stat()
        damage(data / "2.png")
        os.utime(str(data / "2.png"), ns=(state.st_atime_ns, state.st_mtime_ns))
        with pytest.raises(DataError, match=r"2\.png: is incomplete or damaged"):
            check()
        assert decoded == ["2.png"]

    def test_of_the_time(self, data, check, decoded):
        state = (data / "2.png").stat()
        os.utime(str(data / "2.png"), ns=(state.st_atime_ns, state.st_mtime_ns + 1))
        check()
        assert decoded == ["2.png"]

    def test_of_the_content_alone(self, data, check):
        """Size and time of change are what they were."""
        path = data / "2.png"
        state, content = path.stat(), bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(bytes(content))
        os.utime(str(path), ns=(state.st_atime_ns, state.st_mtime_ns))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (state.st_size, state.st_mtime_ns)
        with pytest.raises(DataError, match=r"2\.png: is incomplete or damaged"):
            check()

    def test_of_the_file_by_another_of_its_size_and_time(self, data, check, tmp_path, decoded):
        path, state = data / "2.png", (data / "2.png").stat()
        (tmp_path / "other.png").write_bytes(b"?" * state.st_size)
        os.utime(str(tmp_path / "other.png"), ns=(state.st_atime_ns, state.st_mtime_ns))
        shutil.move(str(tmp_path / "other.png"), str(path))
        with pytest.raises(DataError, match=r"2\.png: is not a picture"):
            check()
        assert decoded == ["2.png"]

    def test_by_a_file_that_is_added(self, data, check, decoded):
        write_picture(data / "9.png", 9, width=63)
        with pytest.raises(DataError, match=r"9\.png: is 63x32 pixels"):
            check()
        assert decoded == ["9.png"]

    def test_by_a_file_that_is_removed(self, data, check, decoded):
        (data / "1.png").unlink()
        names = ("0.png", "2.png", "3.png")
        assert check().pairs.names == names
        assert check().pairs.names == names
        assert decoded == []

    def test_by_two_files_that_change_places(self, data, check, decoded):
        for source, target in (("0.png", "x"), ("1.png", "0.png"), ("x", "1.png")):
            os.rename(str(data / source), str(data / target))
        check()
        assert sorted(decoded) == ["0.png", "1.png"]


def test_rules_are_applied_to_what_is_remembered(check):
    check()
    with pytest.raises(DataError, match="`alpha` keep"):
        check(input_channels=4)
    check()


def test_bad_files_are_named_as_often_as_they_are_met(data, check):
    damage(data / "1.png")
    damage(data / "3.png")
    for _ in range(2):
        with pytest.raises(DataError, match=r"1\.png: is incomplete.*\(1 more of the 4 files"):
            check()


def test_which_are_to_be_turned_is_remembered(data, check, memory):
    exif = Image.Exif()
    exif[EXIF_TAG] = 6
    write_picture(data / "4.jpg", 4, exif=exif.tobytes())
    for path in data.glob("*.png"):
        path.unlink()
    write_picture(data / "5.jpg", 5)
    first = check(resize="pad").pairs
    assert first.turned == {0}
    forget_single_files(memory)
    assert check(resize="pad").pairs == first


def test_pairs_of_two_folders_are_told_apart_from_others_of_the_same_files(data, check, decoded):
    for side in ("A", "B"):
        (data / side).mkdir()
        for number in range(2):
            write_picture(data / side / f"{number}.png", number)
    check("folders")
    decoded.clear()
    check("folders")
    assert decoded == []
    damage(data / "B" / "1.png")
    with pytest.raises(DataError, match=r"B/1\.png: is incomplete"):
        check("folders")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 1, "kinds": 5}'])
def test_a_note_that_is_damaged_is_made_anew(check, memory, content):
    first = check()
    (note,) = memory.glob("all-*")
    sound = note.read_text()
    note.write_text(content)
    assert check() == first
    assert note.read_text() == sound


def test_a_note_whose_facts_are_damaged_is_made_anew(check, memory):
    first = check()
    (note,) = memory.glob("all-*")
    sound = note.read_text()
    note.write_text(sound[: sound.index('"kinds"')] + '"kinds": [[5]]}')
    assert check() == first
    assert note.read_text() == sound
