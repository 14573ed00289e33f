"""What was found in the files of a folder, remembered so that a second check is instant."""

import contextlib
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor

import tensorflow.compat.v1 as tf
from tqdm import tqdm

from input_fn.checks.facts import Facts, inspect
from input_fn.files import write_bytes

_VERSION = 4
# Pillow and the digests let go of Python's lock: threads suffice to use all cores.
_THREADS = max(2, os.cpu_count() or 2)


def memory_folder(environment):
    """Says where programs remember what they found: in the user's folder of caches.

    Args:
        environment: Mapping, that of the process.

    Returns:
        Path of a folder that need not exist.
    """
    caches = environment.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(caches, "pix2pix-on-estimator")


def inspect_all(paths, memory=None):
    """Inspects files, in parallel and with a progress bar; those seen before from memory.

    A file counts as seen if its size and times of change are what they were, see `stamp_of`.

    Args:
        paths: Files, any that `tf.io.gfile` reads.
        memory: Folder where to remember, one file for each folder of data; None: nowhere.

    Returns:
        List of `Facts` in the order of `paths`.
    """
    by_folder = {}
    # Each once: a slice is also its neighbours' neighbour.
    for path in dict.fromkeys(paths):
        by_folder.setdefault(os.path.dirname(path), []).append(path)
    facts = {}
    for folder, files in by_folder.items():
        facts.update(_inspect_folder(folder, files, memory))
    return [facts[path] for path in paths]


def inspect_groups(groups, memory=None):
    """Inspects the files of pairs; see `inspect_all`.

    Args:
        groups: Tuples of files.
        memory: See `inspect_all`.

    Returns:
        List of `(group, facts)`, facts being the list of `Facts` of the group's files.
    """
    paths = [path for group in groups for path in group]
    facts = dict(zip(paths, inspect_all(paths, memory)))
    return [(group, [facts[path] for path in group]) for group in groups]


def _inspect_folder(folder, files, memory):
    place = None if memory is None else file_for(folder, memory)
    known = {} if place is None else _read(place)
    stamps = {path: stamp_of(path) for path in files}
    facts, new = {}, []
    for path in files:
        entry = known.get(os.path.basename(path))
        if entry is not None and entry[0] == stamps[path]:
            facts[path] = facts_of(entry[1])
        else:
            new.append(path)
    if new:
        with ThreadPoolExecutor(_THREADS) as pool:
            # None: no bar where the output is not a terminal.
            bar = tqdm(pool.map(inspect, new), "checking", len(new), unit=" files", disable=None)
            facts.update(zip(new, bar))
        for path in new:
            known[os.path.basename(path)] = [stamps[path], list(facts[path])]
        if place is not None:
            _write(place, known)
    return facts


def facts_of(values):
    """Makes `Facts` of what JSON has kept of them."""
    facts = Facts(*values)
    return facts._replace(colours=None if facts.colours is None else tuple(facts.colours))


def stamp_of(path):
    """Makes what changes when a file is written to or replaced; None if it is not there.

    Returns:
        List of its size in bytes, the time of change and, of local files, that of the last change
        of any kind: a copy may be given the time of another file, but not that one.
    """
    if "://" in path:
        try:
            stat = tf.io.gfile.stat(path)
        except tf.errors.OpError:
            return None
        return [stat.length, stat.mtime_nsec]
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


def file_for(folder, memory, subject="check"):
    """Says in which file of the memory it is what was found in a folder of data."""
    where = folder if "://" in folder else os.path.abspath(folder)
    name = hashlib.blake2b(where.encode(), digest_size=16).hexdigest()
    return os.path.join(memory, f"{subject}-{name}.json")


def _read(place):
    try:
        with open(place, encoding="utf-8") as file:
            content = json.load(file)
        return content["files"] if content["version"] == _VERSION else {}
    except (OSError, ValueError, KeyError, TypeError):
        # What cannot be read is found out anew.
        return {}


def _write(place, files):
    content = json.dumps({"version": _VERSION, "files": files}).encode("utf-8")
    # A memory is a convenience; where it cannot be written, there is none.
    with contextlib.suppress(OSError):
        write_bytes(place, content)
