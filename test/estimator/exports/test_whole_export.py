"""What export.py leaves, and what it says, whatever the format."""

import errno
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from estimator.export import main
from estimator.exports import whole_export

EXPORT = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "export.py"


class TestFlags:
    def export(self, finished, folder, *flags):
        place = [f"--checkpoint_dir={finished[0]}", f"--output={folder}", "--formats=pb"]
        assert main([*place, *flags]) == 0
        return json.loads((folder / "model-6.json").read_text())

    def test_another_size(self, finished, tmp_path):
        note = self.export(finished, tmp_path, "--image_size=192x64")
        assert note["input"]["shape"] == [1, 192, 64, 3]

    def test_only_the_formats_that_are_asked_for(self, finished, tmp_path):
        self.export(finished, tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["model-6.json", "model-6.pb"]

    def test_a_second_export_replaces_the_first(self, finished, tmp_path):
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}"]
        for _ in range(2):
            assert main([*place, "--formats=saved_model,pb"]) == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "model-6.json",
            "model-6.pb",
            "saved_model",
        ]
        assert [path.name for path in (tmp_path / "saved_model").iterdir()] == ["6"]

    def test_two_exports_of_a_checkpoint_are_the_same_to_the_last_byte(self, finished, tmp_path):
        graphs = []
        for name in ("a", "b"):
            # In processes of their own, in which sets and dicts have other orders.
            flags = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / name}"]
            command = [sys.executable, str(EXPORT), *flags, "--formats=pb"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            graphs.append((tmp_path / name / "model-6.pb").read_bytes())
        assert graphs[0] == graphs[1]

    def test_the_older_one_stays_where_the_new_one_cannot_be_put_in_place(
        self, finished, tmp_path, monkeypatch, capsys
    ):
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}"]
        assert main([*place, "--formats=saved_model"]) == 0
        model = tmp_path / "saved_model" / "6" / "saved_model.pb"
        older = model.read_bytes(), model.stat().st_mtime_ns

        def fail_to_replace(source, target):
            if target.endswith("6"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            replace(source, target)

        replace = os.replace
        monkeypatch.setattr(whole_export.os, "replace", fail_to_replace)
        assert main([*place, "--formats=saved_model"]) == 1
        assert "the disk is full" in capsys.readouterr().err
        assert (model.read_bytes(), model.stat().st_mtime_ns) == older
        assert [path.name for path in tmp_path.iterdir()] == ["saved_model"]


class TestConsole:
    def test_nothing_is_said_but_what_was_exported(self, finished, tmp_path):
        command = [sys.executable, str(EXPORT), f"--checkpoint_dir={finished[0]}"]
        flags = [f"--output={tmp_path}", "--formats=pb,saved_model,tflite,onnx"]
        process = subprocess.run([*command, *flags], capture_output=True, text=True, check=True)
        assert process.stderr == ""
        assert all(
            re.match(r"\S+(, bytes)?: differs from the checkpoint by |/", line)
            for line in process.stdout.splitlines()
        ), process.stdout


class TestParity:
    def test_differences_are_printed(self, finished, tmp_path, capsys):
        assert main([f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}"]) == 0
        lines = capsys.readouterr().out.splitlines()
        found = [re.match(r"(.+): differs from the checkpoint by ([\d.e-]+)", x) for x in lines]
        values = {match.group(1): float(match.group(2)) for match in found if match}
        assert set(values) == {"pb", "saved_model", "saved_model, bytes", "tflite"}
        assert all(value <= 1e-4 for name, value in values.items() if "bytes" not in name)

    @pytest.mark.parametrize("name", ["pb", "saved_model", "tflite", "onnx"])
    def test_an_export_that_computes_something_else_is_an_error_and_not_left(
        self, finished, tmp_path, capsys, monkeypatch, name
    ):
        def load_wrong_weights(options):
            weights = load_weights(options)
            weights["generator/decoder_1/bias"] = weights["generator/decoder_1/bias"] + 0.01
            return weights

        load_weights = whole_export.load_weights
        monkeypatch.setattr(whole_export, "load_weights", load_wrong_weights)
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / 'out'}"]
        assert main([*place, f"--formats={name}"]) == 1
        assert f"error: {name}: differs" in capsys.readouterr().err
        assert list((tmp_path / "out").iterdir()) == []


class TestBadInput:
    def test_a_folder_without_a_run_is_named_and_nothing_is_written(self, tmp_path, refuses):
        refuses(main([f"--checkpoint_dir={tmp_path}"]), str(tmp_path))
        assert list(tmp_path.iterdir()) == []

    def test_an_unknown_format_is_named(self, finished, refuses):
        code = main([f"--checkpoint_dir={finished[0]}", "--formats=coreml"])
        refuses(code, "--formats", "coreml", "tflite")

    def test_a_size_that_the_network_does_not_take(self, finished, tmp_path, refuses):
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / 'out'}"]
        refuses(main([*place, "--image_size=100"]), "--image_size 100x100")
        assert not (tmp_path / "out").exists()

    def test_options_of_another_network_are_refused(self, finished, tmp_path, refuses):
        shutil.copytree(str(finished[0]), str(tmp_path / "run"))
        options = json.loads((tmp_path / "run" / "options.json").read_text())
        options["fine_size"] = [128, 128]
        (tmp_path / "run" / "options.json").write_text(json.dumps(options))
        refuses(main([f"--checkpoint_dir={tmp_path / 'run'}"]), "options.json")
