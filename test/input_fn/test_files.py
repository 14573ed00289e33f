"""Files are there whole, or as they were before."""

import json
import os
import threading

import pytest

from input_fn.files import write_bytes, write_json, write_whole


class TestWriting:
    def test_what_is_written_is_there_and_nothing_else(self, tmp_path):
        write_bytes(str(tmp_path / "file"), b"content")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]
        assert (tmp_path / "file").read_bytes() == b"content"

    def test_the_folder_is_made(self, tmp_path):
        write_bytes(str(tmp_path / "a" / "b" / "file"), b"content")
        assert (tmp_path / "a" / "b" / "file").read_bytes() == b"content"

    def test_a_name_without_a_folder_is_one_in_the_present_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        write_bytes("file", b"content")
        assert (tmp_path / "file").read_bytes() == b"content"

    def test_what_was_there_is_replaced(self, tmp_path):
        for content in (b"a long one", b"short"):
            write_bytes(str(tmp_path / "file"), content)
            assert (tmp_path / "file").read_bytes() == content

    def test_it_is_written_beside_its_place_under_a_hidden_name(self, tmp_path):
        seen = []

        def write(path):
            seen.append(path)
            assert not (tmp_path / "file.png").exists()
            open(path, "w").close()

        for _ in range(2):
            write_whole(str(tmp_path / "file.png"), write)
            os.remove(str(tmp_path / "file.png"))
        for path in seen:
            assert os.path.dirname(path) == str(tmp_path)
            assert os.path.basename(path).startswith(".file.png.")
            assert path.endswith(".partial")
        assert seen[0] != seen[1]

    def test_json_is_for_the_eye_too(self, tmp_path):
        value = {"name": "ä", "numbers": [1, 2.5, None]}
        write_json(str(tmp_path / "file"), value)
        text = (tmp_path / "file").read_text(encoding="utf-8")
        assert json.loads(text) == value
        assert text.startswith('{\n  "name"')
        assert text.endswith("}\n")


class TestFailures:
    @pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
    @pytest.mark.parametrize("before", [None, b"before"])
    def test_what_was_there_stays_and_nothing_is_left_over(self, tmp_path, error, before):
        if before is not None:
            (tmp_path / "file").write_bytes(before)

        def write(path):
            with open(path, "wb") as file:
                file.write(b"half")
                raise error

        with pytest.raises(type(error)):
            write_whole(str(tmp_path / "file"), write)
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [before] * (before is not None)

    def test_so_it_is_if_the_place_is_taken_by_a_folder(self, tmp_path):
        (tmp_path / "file").mkdir()
        with pytest.raises(OSError, match="file"):
            write_bytes(str(tmp_path / "file"), b"content")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_what_json_cannot_hold_leaves_nothing(self, tmp_path):
        with pytest.raises(TypeError):
            write_json(str(tmp_path / "file"), {"a": object()})
        assert not list(tmp_path.iterdir())


def test_of_several_writers_one_wins_as_a_whole(tmp_path):
    contents = [bytes([number]) * 10**6 for number in range(8)]
    threads = [
        threading.Thread(target=write_bytes, args=(str(tmp_path / "file"), content))
        for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file").read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
