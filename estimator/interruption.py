"""Signals to stop: Ctrl-C and SIGTERM. The first ends in good order, a second one at once."""

import contextlib
import os
import signal
import sys
import threading
import time

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A terminal and a script may both pass on what a user did once.
_SAME_SECONDS = 1.0
_SIGNAL_BASE = 128  # The shell's: a program that a signal ended has this exit code and its number.


class Interrupted(KeyboardInterrupt):
    """A signal has asked this process to end.

    Args:
        number: Of the signal.
        state: In a few words, where the work stands; None to leave it at that.
    """

    def __init__(self, number, state=None):
        super().__init__(state or "interrupted")
        self.exit_code = _SIGNAL_BASE + number


class Interruption(contextlib.AbstractContextManager):
    """Listens for signals, as a context manager around a program's body.

    A signal raises `Interrupted` in the main thread, except where work is to be brought to an end
    first (`deferred`). In whatever the main thread is, a second signal ends the process.

    Attributes:
        number: Of the first signal; None while there is none.
    """

    def __init__(self):
        self.number = None
        self._notice = None

    def __enter__(self):
        self.number = self._notice = None
        self._listens = threading.current_thread() is threading.main_thread()
        if self._listens:
            self._handlers = {number: signal.getsignal(number) for number in _SIGNALS}
            # A handler of Python's runs only when the main thread comes back from TensorFlow, which
            # may take minutes or for ever; this pipe is written to in the very moment.
            self._inlet, self._outlet = os.pipe()
            os.set_blocking(self._outlet, False)
            self._wakeup = signal.set_wakeup_fd(self._outlet, warn_on_full_buffer=False)
            threading.Thread(target=self._watch, args=(self._inlet,), daemon=True).start()
            for number in _SIGNALS:
                signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception):
        if self._listens:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(self._wakeup)
            os.close(self._outlet)  # At which the thread ends.
        return None

    @contextlib.contextmanager
    def deferred(self, notice, patience=None):
        """Keeps a first signal from raising; what runs within looks at `number` and ends.

        Args:
            notice: Line for the user who sent it.
            patience: Seconds after which the process ends if it has not by then; None for ever.
        """
        self._notice, self._patience = notice, patience
        try:
            yield
        finally:
            self._notice = None

    @contextlib.contextmanager
    def at_once(self):
        """Has a signal raise, within `deferred`: for what need not be brought to an end."""
        notice, self._notice = self._notice, None
        try:
            yield
        finally:
            self._notice = notice

    def _handle(self, number, frame):
        del frame
        self.number = self.number or number
        if self._notice is None:
            raise Interrupted(self.number)

    def _watch(self, inlet):
        first = None
        with open(inlet, "rb", buffering=0) as pipe:
            for number in iter(lambda: pipe.read(1), b""):
                if number[0] not in _SIGNALS:
                    continue
                now = time.monotonic()
                if first is None:
                    first = now
                    self._begin_to_end(number[0])
                elif now - first > _SAME_SECONDS:
                    _exit(number[0], "ended at once")

    def _begin_to_end(self, number):
        self.number = self.number or number
        if self._notice is None:
            return
        print(f"{self._notice}; a second signal ends at once", file=sys.stderr, flush=True)
        if self._patience is not None:
            timer = threading.Timer(self._patience, _exit, (number, "interrupted"))
            timer.daemon = True
            timer.start()


def _exit(number, state):
    print(f"error: {state}", file=sys.stderr, flush=True)
    os._exit(_SIGNAL_BASE + number)
