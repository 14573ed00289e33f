"""Signs of life: what a rank says of itself, and what the launcher makes of its silence."""

import json
import threading
import time

from input_fn import write_json

VARIABLE = "PIX2PIX_HEARTBEAT"
_SECONDS = 1.0


class Heartbeat:
    """Writes each second which step this process has made, from a thread of its own.

    Args:
        path: Of the file; None to write nothing.
    """

    def __init__(self, path):
        self._state = {"step": None, "runs": 0, "beat": 0}
        if path is not None:
            threading.Thread(target=self._beat, args=(path,), daemon=True).start()

    def made(self, step):
        """Says that a step was made, or skipped, and that the next is to come soon."""
        self._state["runs"] += 1
        self._state["step"] = int(step)

    def rest(self):
        """Says that no step is to be expected for an unknown time."""
        self._state["step"] = None

    def _beat(self, path):
        while True:
            self._state["beat"] += 1
            try:
                write_json(path, self._state)
            except OSError:
                return  # A full disk is not a reason to end; silence may be taken for one.
            time.sleep(_SECONDS)


class Watch:
    """Looks at the heartbeats of ranks.

    Args:
        paths: Dict of rank to the path of its file.
        timeout: Seconds without a beat, or without a step, after which a rank is lost.
        now: Function that returns seconds; not of a clock that goes on while the machine sleeps.
    """

    def __init__(self, paths, timeout, now=time.monotonic):
        self._paths = paths
        self._timeout = timeout
        self._now = now
        self._states = dict.fromkeys(paths)
        self._beats = dict.fromkeys(paths, now())
        self._runs = dict.fromkeys(paths, now())

    def loss(self, living):
        """Says which rank is lost and why, in a line; None while all is well.

        Args:
            living: List of the ranks that have not ended.
        """
        now = self._now()
        for rank in living:
            self._look_at(rank, now)
            if now - self._beats[rank] > self._timeout:
                return f"rank {rank} has given no sign of life for {self._timeout} seconds"
        steps = {rank: self._states[rank] and self._states[rank]["step"] for rank in living}
        # Ranks work in step: as long as one is expected to take its time, all may have to wait. A
        # little later than for silence, which says more: a rank that is stopped holds up the rest.
        since = now - max(map(self._runs.get, living))
        if None in steps.values() or since <= self._timeout + 3 * _SECONDS:
            return None
        last = min(steps, key=steps.get)
        at = ", ".join(f"rank {rank} at step {step}" for rank, step in steps.items())
        return f"no step was made for {self._timeout} seconds ({at}), the last one is rank {last}"

    def _look_at(self, rank, now):
        try:
            with open(self._paths[rank], encoding="utf-8") as file:
                state = json.load(file)
        except (OSError, ValueError):
            return
        before, self._states[rank] = self._states[rank], state
        if before is None or state["beat"] != before["beat"]:
            self._beats[rank] = now
        if before is None or state["runs"] != before["runs"]:
            self._runs[rank] = now
