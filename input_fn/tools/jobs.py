"""Work on many files: over all cores, with a progress bar, and a summary at the end."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor

from tqdm import tqdm


class SkippedError(Exception):
    """A file cannot be used; the message says why."""


def run_jobs(function, jobs, what, skipped=()):
    """Calls a function for each job, in parallel, and says at the end what came of it.

    Args:
        function: Of one job; at the top level of a module, so that other processes find it. It
            raises `SkippedError` for a file that cannot be used.
        jobs: List of arguments.
        what: Word for what is written, such as "pairs".
        skipped: Lines on what was left out beforehand.

    Returns:
        Exit code: 0, or 1 if anything was skipped.
    """
    failed = [line for line in map_jobs(_Guarded(function), jobs, what) if line]
    return summarize(len(jobs) - len(failed), what, [*skipped, *failed])


def map_jobs(function, jobs, what):
    """Calls a function for each job, in parallel; returns the results in order."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(function, jobs, chunksize=max(1, min(16, len(jobs) // 64)))
        # None: no bar where the output is not a terminal.
        return list(tqdm(results, what, len(jobs), unit=" files", disable=None))


class _Guarded:
    """A function that returns the reason for a skip instead of raising it."""

    def __init__(self, function):
        self._function = function

    def __call__(self, job):
        try:
            self._function(job)
        except SkippedError as reason:
            return str(reason)
        return None


def summarize(written, what, skipped):
    """Prints what was skipped and a summary line; returns the exit code, 1 if anything was."""
    for line in skipped:
        print(f"skipped: {line}", file=sys.stderr)
    print(f"{written} {what} written, {len(skipped)} skipped", flush=True)
    return 1 if skipped else 0
