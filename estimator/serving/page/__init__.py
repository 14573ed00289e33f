"""The page that the server shows, and what belongs to it: read once, by names that are fixed.

No part of a request's address is ever looked for in the file system.
"""

import pkgutil
from collections import namedtuple

StaticFile = namedtuple("StaticFile", ["content", "type"])
StaticFile.__doc__ = """A file as it is sent: bytes, and their type."""

# Addresses, the files of this package that they have, and their types.
_FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}


def static_files():
    """Reads the page.

    Returns:
        Dict of address to `StaticFile`.
    """
    return {
        address: StaticFile(pkgutil.get_data(__name__, name), kind)
        for address, (name, kind) in _FILES.items()
    }
