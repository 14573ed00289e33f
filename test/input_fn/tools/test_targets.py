"""Where the commands write to: never over what they read."""

import hashlib
import os

import pytest

from input_fn.prepare import main

FLAGS = {"resize": ["--size=4x4"]}


def content_below(folder):
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("command", ["resize", "edges", "grey", "blank", "split"])
@pytest.mark.parametrize("output", ["in", "in/../in", "in/new", "link"])
def test_pictures_are_not_written_into_the_folder_they_come_from(
    tmp_path, capsys, save, command, output
):
    save(tmp_path / "in" / "1.jpg")
    os.symlink(str(tmp_path / "in"), str(tmp_path / "link"))
    before = content_below(tmp_path)
    arguments = [str(tmp_path / "in"), str(tmp_path / output), *FLAGS.get(command, [])]
    assert main([command, *arguments]) == 2
    assert "name a folder outside of it" in capsys.readouterr().err
    assert content_below(tmp_path) == before


def test_a_folder_above_is_refused_where_its_pictures_would_fall_among_the_originals(
    tmp_path, capsys, save
):
    save(tmp_path / "in" / "in" / "1.jpg")
    before = content_below(tmp_path)
    assert main(["grey", str(tmp_path / "in"), str(tmp_path)]) == 2
    assert f"lies within {tmp_path / 'in'}" in capsys.readouterr().err
    assert content_below(tmp_path) == before


def test_the_folder_above_may_take_them_elsewhere(tmp_path, save, files_below):
    save(tmp_path / "in" / "1.jpg")
    assert main(["grey", str(tmp_path / "in"), str(tmp_path)]) == 0
    assert files_below(tmp_path) == ["1.jpg", "in/1.jpg"]


@pytest.mark.parametrize("output", ["a", "b", "b/new"])
def test_pairs_are_written_into_neither_folder(tmp_path, capsys, save, output):
    for side in ("a", "b"):
        save(tmp_path / side / "1.png")
    before = content_below(tmp_path)
    assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", output))]) == 2
    assert "name a folder outside of it" in capsys.readouterr().err
    assert content_below(tmp_path) == before


def test_two_pictures_that_would_become_one_file_are_refused(tmp_path, capsys, save):
    for name in ("1.jpg", "1.jpeg"):
        save(tmp_path / "in" / name)
    assert main(["grey", str(tmp_path / "in"), str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "1.jpeg" in error
    assert "1.jpg" in error
    assert "rename one of them" in error
    assert not (tmp_path / "out").exists()


def test_pictures_of_one_name_that_become_two_files_are_both_written(tmp_path, save, files_below):
    for name in ("1.jpg", "1.png"):
        save(tmp_path / "in" / name)
    assert main(["grey", str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    assert files_below(tmp_path / "out") == ["1.jpg", "1.png"]
