"""The page's own files."""

import os

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static")


def page_files():
    """Reads the page's files, the same wherever the model runs.

    Returns:
        Dict of name, relative to the page's address, to bytes.
    """
    files = {}
    for name in sorted(os.listdir(_FOLDER)):
        with open(os.path.join(_FOLDER, name), "rb") as file:
            files[name] = file.read()
    return files
