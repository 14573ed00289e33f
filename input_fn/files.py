"""Writing files so that a reader never sees half of one: the one place that does."""

import json
import os
import uuid


def write_whole(path, write):
    """Has a file written under a temporary name in the same folder, and renames it.

    Args:
        path: Of the file; its folder is made if need be.
        write: Function of the temporary path that writes the file.

    Raises:
        OSError: The file cannot be written; what was there before is left as it was.
    """
    folder, name = os.path.split(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    # Hidden, and of its own for each call: several threads or processes may write the same file.
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.partial")
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
