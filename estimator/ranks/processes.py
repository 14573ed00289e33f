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
_SECONDS_TO_SAVE = 60
# After which a second signal is not taken for the first one, see `estimator.interruption`.
_SECONDS_TO_NOTICE = 1.5
_SHOWN_LINES = 10

Rank = collections.namedtuple("Rank", ["number", "command", "environment", "log", "cores"])
Rank.__doc__ = """A process to be started: its number; the command, a list; additional environment,
a dict; the file for its output; and the CPU cores that it may use, a list, or None for all."""


def run_together(ranks, shown, watch=None, write=print):
    """Runs all ranks to their end; when one fails, stops the others at once.

    A signal to stop is passed on to the rank that is shown, which may save what it has while the
    others work on; once it has ended they are stopped. A second signal stops all at once.

    Args:
        ranks: List of `Rank`.
        shown: Number of the rank whose output is shown as it comes, and which saves.
        watch: `Watch` of the ranks' signs of life; None to wait for ever.
        write: Function that prints a text.

    Returns:
        0; the exit code of the rank that failed first, 128 + the signal if one killed it; or 1 if a
        rank was lost.
    """
    processes = []
    signals = _StopSignals()
    with contextlib.ExitStack() as stack:
        stack.callback(_stop, processes)
        for rank in ranks:
            processes.append(_start(rank))
        ((log, saving),) = (
            (rank.log, process) for rank, process in zip(ranks, processes) if rank.number == shown
        )
        output = stack.enter_context(open(log, encoding="utf-8", errors="replace"))
        while True:
            # Before the output is read, so that what a process wrote last is shown.
            codes = [process.poll() for process in processes]
            sys.stdout.write(output.read())
            sys.stdout.flush()
            if signals.first is not None:
                signals.pass_on(saving)
                if saving.poll() is not None or signals.patience_is_over():
                    sys.stdout.write(output.read())
                    write(f"error: stopped by signal {signals.first}; the same command resumes")
                    return 128 + signals.first
            failed = [(rank, code) for rank, code in zip(ranks, codes) if code not in (None, 0)]
            if failed:
                return _report(*failed[0], len(ranks), write)
            if all(code == 0 for code in codes):
                return 0
            living = [rank.number for rank, code in zip(ranks, codes) if code is None]
            loss = watch.loss(living) if watch is not None and living else None
            if loss is not None:
                write(f"error: {loss}; all were stopped, and the same command resumes")
                return 1
            time.sleep(_POLL_SECONDS)


class _StopSignals:
    """Remembers signals to stop, so that the ranks are stopped before this process ends."""

    def __init__(self):
        self.first = None
        self._is_second = self._is_passed_on = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._remember)

    def _remember(self, number, frame):
        del frame
        now = time.monotonic()
        if self.first is None:
            self.first, self._since = number, now
        elif now - self._since > _SECONDS_TO_NOTICE:
            self._is_second = True

    def pass_on(self, process):
        """Sends a process, not what it has started, the first signal, once."""
        if not self._is_passed_on and process.poll() is None:
            process.send_signal(self.first)
        self._is_passed_on = True

    def patience_is_over(self):
        """Whether there was a second signal, or the first is long ago."""
        return self._is_second or time.monotonic() - self._since > _SECONDS_TO_SAVE


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
    # A training takes the first signal to save, which it may not be able to without the others.
    for seconds in (_SECONDS_TO_NOTICE, _SECONDS_TO_STOP):
        for process in processes:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process, number):
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
