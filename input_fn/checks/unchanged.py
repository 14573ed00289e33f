"""Whether all files of a data set are as they were when they were checked: one fingerprint of all.

What `memory` holds of each file takes longer to read than the files take to be asked for size and
times. So what kinds of pairs were found is remembered once more, without saying of each pair which.
"""

import contextlib
import hashlib
import json
import os

from input_fn.checks.memory import facts_of, file_for, stamp_of
from input_fn.files import write_bytes

_VERSION = 1


class Unchanged:
    """What is remembered of pairs as a whole.

    Args:
        groups: For each pair the tuple of its files; at least one pair.
        memory: Folder where to remember; None: nowhere.
    """

    def __init__(self, groups, memory):
        self._place = None
        if memory is not None:
            self._place = file_for(os.path.dirname(groups[0][0]), memory, "all")
            # Before the files are read: what changes meanwhile is then seen the next time.
            self._fingerprint = _fingerprint(groups)

    def recall(self):
        """Recalls what was found, if no file was added, removed, changed or replaced since.

        Returns:
            List of lists of `Facts`, one of a pair's files for each kind of pairs that there are;
            digests and colours are left out. None if it is not known.
        """
        if self._place is None:
            return None
        try:
            with open(self._place, encoding="utf-8") as file:
                content = json.load(file)
            if [content["version"], content["fingerprint"]] != [_VERSION, self._fingerprint]:
                return None
            return [[facts_of(values) for values in pair] for pair in content["kinds"]]
        except (OSError, ValueError, KeyError, TypeError):
            # What cannot be read is found out anew.
            return None

    def remember(self, found):
        """Remembers what was found.

        Args:
            found: For each pair the list of the `Facts` of its files.
        """
        if self._place is None:
            return
        kinds = dict.fromkeys(
            tuple(each._replace(digest=None, colours=None) for each in facts) for facts in found
        )
        content = {"version": _VERSION, "fingerprint": self._fingerprint, "kinds": list(kinds)}
        # A memory is a convenience; where it cannot be written, there is none.
        with contextlib.suppress(OSError):
            write_bytes(self._place, json.dumps(content).encode("utf-8"))


def _fingerprint(groups):
    """Makes what changes when any file does, or when other files make the pairs."""
    paths = dict.fromkeys(path for group in groups for path in group)
    lines = [f"{path}\0{stamp_of(path)}" for path in paths]
    lines += ["\0".join(group) for group in groups if len(group) > 1]
    return hashlib.blake2b("\n".join(lines).encode("utf-8"), digest_size=16).hexdigest()
