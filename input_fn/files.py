"""Writing files so that a reader never sees half of one: the one place that does."""

import contextlib
import json
import os
import re
import shutil
import socket
import uuid

_LEFTOVER = re.compile(r"^\.(?P<name>.+)\.(?P<host>[^.]+)\.(?P<process>\d+)\.[0-9a-f]{8}\.partial$")


def partial_path(path):
    """Names a place beside a path, for what is to become it when it is whole.

    Hidden, and of its own for each call: several threads or processes may write the same file. It
    says whose it is, so that what a killed process has left can be told from what is being written.
    """
    folder, name = os.path.split(os.path.abspath(path))
    unique = f"{_host()}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
    return os.path.join(folder, f".{name}.{unique}.partial")


def leftovers(folder):
    """Finds what processes of this machine that have ended were writing, in a folder and below.

    Args:
        folder: Local folder; it need not exist.

    Returns:
        List of paths, as `partial_path` makes them, of files and folders.
    """
    found = []
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            match = _LEFTOVER.match(name)
            if match and match.group("host") == _host() and not _lives(int(match.group("process"))):
                found.append(os.path.join(place, name))
        folders[:] = [name for name in folders if not _LEFTOVER.match(name)]
    return found


def remove_leftovers(folder):
    """Removes what `leftovers` finds."""
    for path in leftovers(folder):
        remove_path(path)


def remove_path(path):
    """Removes a file, or a folder with all in it; another process may be doing the same."""
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def _host():
    return re.sub("[^A-Za-z0-9-]", "-", socket.gethostname()) or "-"


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # It lives, and is another user's.
    return True


def write_whole(path, write):
    """Has a file written under a temporary name in the same folder, and renames it.

    Args:
        path: Of the file; its folder is made if need be.
        write: Function of the temporary path that writes the file.

    Raises:
        OSError: The file cannot be written; what was there before is left as it was.
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    temporary = partial_path(path)
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def write_bytes(path, content):
    """Writes bytes; see `write_whole`."""

    def write(temporary):
        with open(temporary, "wb") as file:
            file.write(content)

    write_whole(path, write)


def write_json(path, value):
    """Writes a value as indented JSON; see `write_whole`."""
    write_bytes(path, (json.dumps(value, indent=2) + "\n").encode("utf-8"))
