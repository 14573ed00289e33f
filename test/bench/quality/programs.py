"""Programs in processes of their own, which go on where they were after an interruption."""

import os
import re
import signal
import subprocess

from estimator.errors import OptionsError, RunError

_SECONDS_BETWEEN_LOOKS = 0.3
_BAD_INPUT = 2
_LAST_LINES = 20
# Of our programs, and of what ends in a traceback.
_ERROR = re.compile(r"(?:error: )?((?<=error: ).+|[\w.]+(?:Error|Exception): .+)")


class ProgramError(RunError):
    """A program ended with an error that another recipe need not have."""


def run_program(command, log, meanwhile=lambda: None):
    """Runs a program to its end; its output goes to the end of a log.

    An interruption of this process is passed on, and waits for the program to end: it saves what
    it has.

    Args:
        command: List of words.
        log: Path of the log.
        meanwhile: Function that is called now and then, and after the end.

    Raises:
        OptionsError: The program says that its input is bad.
        ProgramError: It ended with another error.
    """
    os.makedirs(os.path.dirname(log), exist_ok=True)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # TensorFlow 2 sets it on import, and TensorFlow 1 in a child would begin eagerly.
    environment.pop("TF2_BEHAVIOR", None)
    with open(log, "ab") as output:
        try:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=environment
            )
        except OSError as error:
            raise OptionsError(f"{command[0]}: cannot be started ({error.strerror})") from None
        try:
            code = _await(process, meanwhile)
        except BaseException:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait()
            raise
    meanwhile()
    if code:
        kind = OptionsError if code == _BAD_INPUT else ProgramError
        raise kind(f"{_complaint(log)} (exit code {code}; the whole log is {log})")


def _await(process, meanwhile):
    while True:
        try:
            return process.wait(timeout=_SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            meanwhile()


def _complaint(log):
    """Finds what a program has said last: its line on the error, if there is one."""
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    errors = [match.group(1) for match in map(_ERROR.match, lines[-_LAST_LINES:]) if match]
    return (errors or lines or ["it said nothing"])[-1]
