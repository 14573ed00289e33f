"""prepare.py as a program: its commands, and how it ends."""

import errno
import os
import pathlib
import re
import subprocess
import sys

import pytest
import tensorflow.compat.v1 as tf

from input_fn.prepare import build_parser, main
from input_fn.tools import check

COMMANDS = {"pair", "split", "resize", "edges", "grey", "blank", "fetch", "synth", "check", "pack"}
COMMANDS |= {"tiles", "slices", "join"}
PROJECT = pathlib.Path(__file__).resolve().parents[2]
PREPARE = PROJECT / "input_fn" / "prepare.py"
OUTAGES = ["ENOSPC", "EDQUOT", "EIO", "EPIPE", "ECONNRESET", "ECONNABORTED", "ETIMEDOUT"]
OUTAGES += ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"]


def run(*command, **options):
    """Runs a program without this project on its path."""
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        env={**environment, **options.pop("env", {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        **options,
    )


class TestProgram:
    def test_it_runs_from_any_folder_and_lists_its_commands(self, tmp_path):
        process = run(PREPARE, "--help", cwd=str(tmp_path))
        listed = re.findall(r"^    ([a-z]+) ", process.communicate()[0], re.MULTILINE)
        assert process.returncode == 0
        assert sorted(listed) == sorted(COMMANDS)

    def test_its_main_function_can_be_installed_as_a_command(self, tmp_path):
        program = (
            "import sys; before = list(sys.path); from input_fn.prepare import main; "
            "code = main(); assert sys.path == before; sys.exit(code)"
        )
        arguments = ["synth", tmp_path / "out", "--train=1", "--val=0", "--size=32"]
        process = run(
            "-c", program, *arguments, cwd=str(tmp_path), env={"PYTHONPATH": str(PROJECT)}
        )
        assert process.communicate()[0] == "1 pairs written, 0 skipped\n"
        assert process.returncode == 0

    def test_the_parser_has_all_commands_and_their_flags(self):
        (commands,) = build_parser()._subparsers._group_actions
        assert set(commands.choices) == COMMANDS
        for parser in commands.choices.values():
            assert all(action.help for action in parser._actions)


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["mend"], "invalid choice: 'mend'"),
            (["resize", "in", "out", "--size=axb"], "HxW"),
            (["blank", "in", "out", "--share=2"], "0.01 to 0.99"),
            (["edges", "in", "out", "--threshold=0"], "1 to 254"),
            (["split", "in", "out", "--train=2"], "write 0 to 1"),
            (["split", "in", "out", "--group=("], "regular expression"),
            (["pack", "in", "out", "--shards=0"], "at least 1"),
            (["synth", "out", "--train=some"], "at least 0"),
            (["fetch", "cats", "out"], "'facades'"),
        ],
    )
    def test_flags_that_cannot_work_are_named_in_one_line(self, arguments, message, capsys):
        with pytest.raises(SystemExit) as exit_code:
            main(arguments)
        assert exit_code.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert message in error
        assert error.count("\n") == 1

    @pytest.mark.parametrize("command", ["edges", "grey", "blank", "split", "check", "pack"])
    def test_a_folder_that_is_missing_is_named_in_one_line(self, command, tmp_path, capsys):
        places = [str(tmp_path / "nowhere")] + [str(tmp_path / "out")] * (command != "check")
        assert main([command, *places]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {tmp_path / 'nowhere'}")
        assert error.count("\n") == 1
        assert not (tmp_path / "out").exists()

    def test_a_place_that_cannot_be_written_is_named_in_one_line(self, tmp_path, capsys):
        (tmp_path / "file").write_text("")
        assert main(["synth", str(tmp_path / "file" / "out"), "--train=1"]) == 2
        error = capsys.readouterr().err
        assert str(tmp_path / "file") in error
        assert error.count("\n") == 1


class TestOutages:
    @pytest.fixture
    def failing(self, tmp_path, monkeypatch):
        """Runs a command that fails by an error."""
        (tmp_path / "train").mkdir()

        def failing(error):
            def fail(*_):
                raise error

            monkeypatch.setattr(check, "build_report", fail)
            return main(["check", str(tmp_path)])

        return failing

    @pytest.mark.parametrize("name", OUTAGES)
    def test_the_code_is_1_and_the_line_says_what_is_safe(self, failing, capsys, name):
        assert failing(OSError(getattr(errno, name), "the reason")) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "disk" in line or "a connection broke" in line
        assert "the reason" in line
        assert line.endswith("what is written is whole, and the same command goes on")

    def test_tensorflows_word_for_a_full_disk_counts_too(self, failing, capsys):
        message = "/data/x.tfrecord; No space left on device"
        assert failing(tf.errors.ResourceExhaustedError(None, None, message)) == 1
        assert capsys.readouterr().err.startswith(f"error: the disk is full ({message})")

    @pytest.mark.parametrize("name", ["EACCES", "ENOENT", "EISDIR", "ENOTDIR", "EROFS"])
    def test_other_errors_are_bad_input(self, failing, capsys, name):
        assert failing(OSError(getattr(errno, name), "the reason", "/a/file")) == 2
        assert capsys.readouterr().err.count("\n") == 1

    def test_a_disk_that_is_full_while_many_write_leaves_nothing_half(
        self, tmp_path, capsys, monkeypatch
    ):
        replace = os.replace

        def fail_at_second(source, target):
            if target.endswith("2.jpg"):
                raise OSError(errno.ENOSPC, "No space left on device", target)
            replace(source, target)

        monkeypatch.setattr("input_fn.files.os.replace", fail_at_second)
        arguments = ["synth", str(tmp_path), "--train=3", "--val=0", "--size=32"]
        assert main(arguments) == 1
        assert "error: the disk is full" in capsys.readouterr().err
        left = {path.name for path in (tmp_path / "train").iterdir()}
        assert left <= {"1.jpg", "3.jpg"}
        monkeypatch.undo()
        assert main(arguments) == 0

    def test_an_output_that_nobody_takes(self, tmp_path):
        process = run(PREPARE, "synth", tmp_path / "out", "--train=1", "--val=0", "--size=32")
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait() == 1
        assert error.count("\n") == 1
        assert error.startswith("error: what took the output has ended")
