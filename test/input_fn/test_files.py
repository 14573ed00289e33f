import json
import os

import pytest

from input_fn.files import write_bytes, write_json


class TestWriteBytes:
    def test_content_and_nothing_else_is_in_the_folder(self, tmp_path):
        write_bytes(str(tmp_path / "a.bin"), b"\x00\xffnew")
        assert (tmp_path / "a.bin").read_bytes() == b"\x00\xffnew"
        assert os.listdir(str(tmp_path)) == ["a.bin"]

    def test_an_older_file_is_replaced(self, tmp_path):
        (tmp_path / "a.bin").write_bytes(b"an older and longer content")
        write_bytes(str(tmp_path / "a.bin"), b"new")
        assert (tmp_path / "a.bin").read_bytes() == b"new"

    def test_missing_folders_are_made(self, tmp_path):
        write_bytes(str(tmp_path / "b" / "c" / "a.bin"), b"new")
        assert (tmp_path / "b" / "c" / "a.bin").read_bytes() == b"new"

    def test_a_name_without_a_folder_is_in_the_present_one(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        write_bytes("a.bin", b"new")
        assert (tmp_path / "a.bin").read_bytes() == b"new"

    def test_the_file_is_whole_when_its_name_appears(self, tmp_path, monkeypatch):
        path, seen = str(tmp_path / "a.bin"), []
        replace = os.replace

        def spy(source, target):
            with open(source, "rb") as file:
                seen.append((os.path.dirname(source), file.read(), os.path.exists(target)))
            replace(source, target)

        monkeypatch.setattr(os, "replace", spy)
        write_bytes(path, b"new")
        assert seen == [(str(tmp_path), b"new", False)]

    @pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
    def test_a_failed_rename_leaves_the_old_file_only(self, tmp_path, monkeypatch, error):
        (tmp_path / "a.bin").write_bytes(b"old")

        def fail(source, target):
            raise error

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(type(error)):
            write_bytes(str(tmp_path / "a.bin"), b"new")
        assert (tmp_path / "a.bin").read_bytes() == b"old"
        assert os.listdir(str(tmp_path)) == ["a.bin"]

    def test_a_failed_write_leaves_the_old_file_only(self, tmp_path):
        (tmp_path / "a.bin").write_bytes(b"old")
        with pytest.raises(TypeError):
            write_bytes(str(tmp_path / "a.bin"), "text, which a binary file refuses")
        assert (tmp_path / "a.bin").read_bytes() == b"old"
        assert os.listdir(str(tmp_path)) == ["a.bin"]

    def test_a_file_in_place_of_the_folder_is_an_os_error(self, tmp_path):
        (tmp_path / "file").write_bytes(b"old")
        with pytest.raises(OSError, match="file"):
            write_bytes(str(tmp_path / "file" / "a.bin"), b"new")
        assert (tmp_path / "file").read_bytes() == b"old"


class TestWriteJson:
    def test_the_value_is_read_back_from_indented_text(self, tmp_path):
        value = {"a": [1, 2.5, None], "b": {"c": "text"}}
        write_json(str(tmp_path / "a.json"), value)
        text = (tmp_path / "a.json").read_text()
        assert json.loads(text) == value
        assert text.startswith('{\n  "a": [')
        assert text.endswith("}\n")

    def test_what_json_cannot_hold_leaves_the_old_file(self, tmp_path):
        (tmp_path / "a.json").write_text("old")
        with pytest.raises(TypeError):
            write_json(str(tmp_path / "a.json"), {"a": object()})
        assert (tmp_path / "a.json").read_text() == "old"
        assert os.listdir(str(tmp_path)) == ["a.json"]
