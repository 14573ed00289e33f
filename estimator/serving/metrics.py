"""What the server counts, and Prometheus' text form of it (exposition format 0.0.4)."""

import os
from collections import Counter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PICTURES = (1, 2, 4, 8, 16, 32, 64)


class Histogram:
    """Counts values by bounds that they do not exceed.

    Args:
        bounds: Rising.
    """

    def __init__(self, bounds):
        self._bounds = bounds
        self._counts = [0] * len(bounds)
        self._number = 0
        self._sum = 0.0

    def add(self, value):
        """Counts a value."""
        self._number += 1
        self._sum += value
        for place, bound in enumerate(self._bounds):
            if value <= bound:
                self._counts[place] += 1
                break

    def lines(self, name):
        """Lists the lines of the text form; buckets are cumulative."""
        total = 0
        for bound, count in zip(self._bounds, self._counts):
            total += count
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f'{name}_bucket{{le="+Inf"}} {self._number}'
        yield f"{name}_sum {self._sum:.6f}"
        yield f"{name}_count {self._number}"


class Metrics:
    """All that is counted since the start. To be used by one thread, that of the event loop.

    Args:
        waiting: Function that says how many pictures are waited for now.
    """

    def __init__(self, waiting):
        self._waiting = waiting
        self._requests = Counter()
        self._answers = Histogram(_SECONDS)
        self._batches = Histogram(_PICTURES)
        self._model_seconds = 0.0
        self._pictures = 0

    def count_request(self, status):
        """Counts an answered request."""
        self._requests[status] += 1

    def count_answer(self, seconds):
        """Counts a request whose pictures were translated, from its head to its answer."""
        self._answers.add(seconds)

    def count_batch(self, pictures, seconds):
        """Counts what the network was given at a time, and what it took."""
        self._batches.add(pictures)
        self._pictures += pictures
        self._model_seconds += seconds

    def text(self):
        """Writes all in Prometheus' text form."""
        by_code = (
            f'pix2pix_requests_total{{code="{code}"}} {count}'
            for code, count in sorted(self._requests.items())
        )
        families = (
            ("requests_total", "counter", "Requests answered, by HTTP's code.", by_code),
            (
                "request_seconds",
                "histogram",
                "Seconds from the head of a request to the answer with its pictures.",
                self._answers.lines("pix2pix_request_seconds"),
            ),
            (
                "batch_pictures",
                "histogram",
                "Pictures that the network was given at a time.",
                self._batches.lines("pix2pix_batch_pictures"),
            ),
            _single("pictures_total", "counter", "Pictures translated.", self._pictures),
            _single(
                "model_seconds_total",
                "counter",
                "Seconds in which the network was at work.",
                f"{self._model_seconds:.6f}",
            ),
            _single(
                "waiting_pictures",
                "gauge",
                "Pictures that are read, waited for or worked on.",
                self._waiting(),
            ),
            _single(
                "resident_memory_bytes", "gauge", "Resident memory of the process.", _resident()
            ),
        )
        lines = []
        for name, kind, meaning, samples in families:
            lines += [f"# HELP pix2pix_{name} {meaning}", f"# TYPE pix2pix_{name} {kind}", *samples]
        return "\n".join(lines) + "\n"


def _single(name, kind, meaning, value):
    return name, kind, meaning, [f"pix2pix_{name} {value}"]


def _resident():
    # Pages; the second number is the resident ones (proc(5)).
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
