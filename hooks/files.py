"""Writing files so that a reader never sees half of one."""

import json
import os


def write_bytes_atomically(path, content):
    """Writes bytes to a temporary name in the same folder and renames it.

    Args:
        path: Of the file; its folder is made if need be.
        content: Bytes.

    Raises:
        OSError: The file cannot be written; what was there before is left as it was.
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.partial"
    try:
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def write_json_atomically(path, value):
    """Writes a value as indented JSON; see `write_bytes_atomically`."""
    write_bytes_atomically(path, (json.dumps(value, indent=2) + "\n").encode("utf-8"))
