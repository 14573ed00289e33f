"""Processes that live and die together."""

import collections
import contextlib
import os
import signal
import subprocess
import sys
import time

_POLL_SECONDS = 0.2
_SECONDS_TO_STOP = 10
_SHOWN_LINES = 10

Rank = collections.namedtuple("Rank", ["number", "command", "environment", "log", "cores"])
Rank.__doc__ = """A process to be started: its number; the command, a list; additional environment,
a dict; the file for its output; and the CPU cores that it may use, a list, or None for all."""


def run_together(ranks, shown, write=print):
    """Runs all ranks to their end; when one fails, stops the others at once.

    Args:
        ranks: List of `Rank`.
        shown: Number of the rank whose output is shown as it comes.
        write: Function that prints a text.

    Returns:
        0, or the exit code of the rank that failed first, 128 + the signal if one killed it.
    """
    processes = []
    stopped = _StopSignals()
    with contextlib.ExitStack() as stack:
        stack.callback(_stop, processes)
        for rank in ranks:
            processes.append(_start(rank))
        (log,) = (rank.log for rank in ranks if rank.number == shown)
        output = stack.enter_context(open(log, encoding="utf-8", errors="replace"))
        while True:
            # Before the output is read, so that what a process wrote last is shown.
            codes = [process.poll() for process in processes]
            sys.stdout.write(output.read())
            sys.stdout.flush()
            failed = [(rank, code) for rank, code in zip(ranks, codes) if code not in (None, 0)]
            if failed:
                return _report(*failed[0], len(ranks), write)
            if stopped.signal is not None:
                write(f"error: stopped by signal {stopped.signal}; the same command resumes")
                return 128 + stopped.signal
            if all(code == 0 for code in codes):
                return 0
            time.sleep(_POLL_SECONDS)


class _StopSignals:
    """Remembers a signal to stop, so that the ranks are stopped before this process ends."""

    def __init__(self):
        self.signal = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._remember)

    def _remember(self, number, frame):
        del frame
        self.signal = number


def _start(rank):
    def pin():
        if rank.cores is not None:
            os.sched_setaffinity(0, rank.cores)

    with open(rank.log, "wb") as log:
        return subprocess.Popen(
            rank.command,
            env={**os.environ, **rank.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A group of its own, to be stopped with whatever it has started.
            start_new_session=True,
            preexec_fn=pin,
        )


def _report(rank, code, count, write):
    end = f"ended with exit code {code}" if code > 0 else f"was killed by signal {-code}"
    others = "; the others were stopped" if count > 1 else ""
    with open(rank.log, encoding="utf-8", errors="replace") as log:
        last_lines = collections.deque(log, maxlen=_SHOWN_LINES)
    write(f"last lines of {rank.log}:\n" + "".join(f"    {line}" for line in last_lines).rstrip())
    write(f"error: rank {rank.number} {end}{others}")
    return code if code > 0 else 128 - code


def _stop(processes):
    for process in processes:
        _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + _SECONDS_TO_STOP
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process, number):
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
