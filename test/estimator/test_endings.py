"""How programs end: the exit code and the one line of each kind of error."""

import errno
import signal

import pytest
import tensorflow.compat.v1 as tf

from estimator.endings import exit_code_of
from estimator.errors import MachineError, OptionsError, RunError
from estimator.interruption import Interrupted
from hooks import NonFiniteLossError
from input_fn import DataError

SAFE = "the same command goes on"


def raising(error):
    def run():
        raise error

    return run


@pytest.fixture
def ending(capsys):
    """Returns the exit code and what stands on stderr."""

    def of(run):
        code = exit_code_of(run, SAFE)
        return code, capsys.readouterr().err

    return of


def test_a_program_that_returns_nothing_ends_with_0(ending):
    assert ending(lambda: None) == (0, "")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DataError("d: use `layout` folders"), "error: d: use --data_layout folders\n"),
        (
            DataError("set `input_channels` and `output_channels`"),
            "error: set --input_nc and --output_nc\n",
        ),
        (NonFiniteLossError("a lower `learning_rate`"), "error: a lower --learning_rate\n"),
        (DataError("`odd name`.png and `mine`.png"), "error: `odd name`.png and `mine`.png\n"),
    ],
)
def test_settings_that_the_rooms_name_are_shown_as_the_flags_that_set_them(ending, error, line):
    assert ending(raising(error))[1] == line


def test_a_program_may_return_its_exit_code(ending):
    assert ending(lambda: 1) == (1, "")


@pytest.mark.parametrize("error", [OptionsError("--flag: bad"), DataError("x.jpg: is empty")])
def test_bad_input_ends_with_2(ending, error):
    assert ending(raising(error)) == (2, f"error: {error}\n")


@pytest.mark.parametrize("code", [errno.ENOENT, errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_a_file_that_cannot_be_had_is_bad_input(ending, code):
    assert ending(raising(OSError(code, "no", "/a/file")))[0] == 2


def test_a_disk_that_is_full_is_so_in_tensorflows_words_too(ending):
    error = tf.errors.ResourceExhaustedError(None, None, "/a/file; No space left on device\nmore")
    line = f"error: the disk is full (/a/file; No space left on device); {SAFE}\n"
    assert ending(raising(error)) == (1, line)


@pytest.mark.parametrize("error", [RunError("out of memory"), NonFiniteLossError("is nan")])
def test_a_run_that_failed_ends_with_1(ending, error):
    assert ending(raising(error)) == (1, f"error: {error}\n")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.ECONNRESET, "a connection broke"),
        (errno.ETIMEDOUT, "a connection broke"),
        (errno.EIO, "the disk does not read or write"),
    ],
)
def test_a_machine_that_gave_out_ends_with_1_and_says_what_is_safe(ending, code, words):
    exit_code, line = ending(raising(OSError(code, "reason", "/a/file")))
    assert exit_code == 1
    assert line.startswith(f"error: {words}")
    assert "/a/file" in line
    assert line.endswith(f"{SAFE}\n")
    assert line.count("\n") == 1


def test_so_does_one_that_tensorflow_tells_of(ending):
    exit_code, line = ending(raising(MachineError("the disk is full (x)")))
    assert (exit_code, line) == (1, f"error: the disk is full (x); {SAFE}\n")


def test_an_interrupt_ends_with_130(ending):
    exit_code, line = ending(raising(Interrupted(signal.SIGINT)))
    assert (exit_code, line) == (130, f"error: interrupted; {SAFE}\n")


def test_what_nobody_expected_is_not_hidden():
    with pytest.raises(tf.errors.InternalError):
        exit_code_of(raising(tf.errors.InternalError(None, None, "a bug")), SAFE)
