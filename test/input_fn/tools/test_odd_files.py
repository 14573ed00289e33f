"""Files that are none, and names that no text has: every command names them and goes on."""

import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from input_fn.prepare import main

COMMANDS = {
    "resize": ["--size=4x4"],
    "edges": [],
    "grey": [],
    "blank": [],
}


@pytest.fixture
def odd(tmp_path, save):
    """A folder of one good picture among what looks like pictures."""
    folder = tmp_path / "in"
    save(folder / "good.png")
    os.mkfifo(str(folder / "pipe.png"))
    os.symlink("/dev/zero", str(folder / "endless.jpg"))
    os.symlink("/nowhere", str(folder / "dangling.jpg"))
    (folder / "folder.png").mkdir()
    save(folder / "line\nbreak.png")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file_is_listed_and_the_rest_is_done(
    odd, tmp_path, capsys, command, files_below
):
    assert main([command, str(odd), str(tmp_path / "out"), *COMMANDS[command]]) == 1
    error = capsys.readouterr().err
    for name in ("pipe.png: is a pipe", "endless.jpg: is a pipe", "dangling.jpg: cannot be read"):
        assert f"skipped: {odd}/{name}" in error
    assert files_below(tmp_path / "out") == ["good.png", "line\nbreak.png"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_is_no_utf8_stays_what_it_is(tmp_path, save, command):
    picture = save(tmp_path / "in" / "1.png")
    os.rename(str(picture), os.fsencode(str(tmp_path / "in")) + b"/a\xff.png")
    arguments = [command, str(tmp_path / "in"), str(tmp_path / "out"), *COMMANDS[command]]
    assert main(arguments) == 0
    assert os.listdir(os.fsencode(str(tmp_path / "out"))) == [b"a\xff.png"]


def test_so_it_does_where_it_is_the_name_of_a_bad_file(tmp_path):
    (tmp_path / "in").mkdir()
    with open(os.fsencode(str(tmp_path / "in")) + b"/a\xff.png", "wb") as file:
        file.write(b"text")
    program = "import sys; from input_fn.prepare import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["grey", str(tmp_path / "in"), str(tmp_path / "out")]
    process = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "a\\udcff.png: is not a picture" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("command", ["check", "pack"])
def test_what_is_read_by_tensorflow_is_refused_by_name(tmp_path, save, capsys, command):
    save(tmp_path / "in" / "train" / "1.png")
    with open(os.fsencode(str(tmp_path / "in" / "train")) + b"/a\xff.png", "wb"):
        pass
    more = [str(tmp_path / "out")] if command == "pack" else []
    assert main([command, str(tmp_path / "in"), *more]) == 2
    assert "a\\xff.png: the name is no UTF-8; rename" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_archives_of_arrays_and_damaged_ones_are_no_arrays(tmp_path, save, capsys):
    folder = tmp_path / "in" / "train"
    save(folder / "good.png")
    with open(str(folder / "several.npy"), "wb") as file:
        np.savez(file, a=np.zeros((4, 8, 3)))
    with zipfile.ZipFile(str(folder / "zip.npy"), "w") as archive:
        archive.writestr("a.npy", b"nothing")
    (folder / "cut.npy").write_bytes((folder / "several.npy").read_bytes()[:100])
    assert main(["pack", str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    found = capsys.readouterr()
    assert found.out == "1 pairs written, 3 skipped\n"
    for name in ("several", "zip", "cut"):
        assert f"{folder}/{name}.npy: " in found.err
