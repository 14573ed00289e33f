"""What memory a large picture takes, by what its file says of itself, and what there is."""

import contextlib
import os
import re

import numpy as np
from PIL import Image

from input_fn.tiff import SIGNATURE_BYTES, is_tiff, require_reader

# A pixel is decoded as it is stored, and of a picture that is translated as a whole then held twice
# as float32: by NumPy and by TensorFlow.
_FLOATS = 2 * 4
_GIB = 1 << 30
# Of control groups, of version 2 and 1, by which containers limit memory.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available_bytes():
    """Finds how much memory a process may still take; None where the system does not say."""
    found = []
    with contextlib.suppress(OSError), open("/proc/meminfo", encoding="ascii") as file:
        found += [1024 * int(each) for each in re.findall(r"MemAvailable: *(\d+)", file.read())]
    for path in _LIMITS:
        # "max", for no limit, is no number.
        with contextlib.suppress(OSError, ValueError), open(path, encoding="ascii") as file:
            found.append(int(file.read()))
    return min(found, default=None)


def lacking(paths, rows=None):
    """Says how much memory is missing for some pictures at once.

    Only the heads of files are read. What cannot be read is left out: it is named by who does.

    Args:
        paths: Of local files.
        rows: How many rows are wanted at a time, of pictures that can be read by rows; None for
            pictures that are translated as a whole.

    Returns:
        A text such as "13.4 GiB of memory are needed for it and 2.0 GiB are free"; None if there is
        enough.
    """
    available = available_bytes()
    needed = sum(_bytes_of(path, rows) for path in paths)
    if available is None or needed <= available:
        return None
    return (
        f"{needed / _GIB:.1f} GiB of memory are needed for it and {available / _GIB:.1f} GiB are "
        "free"
    )


def _bytes_of(path, rows):
    if not os.path.isfile(path):
        return 0  # Opening a pipe would wait for who writes to it.
    try:
        with open(path, "rb") as file:
            start = file.read(SIGNATURE_BYTES)
        if is_tiff(start):
            return _bytes_of_tiff(path, rows)
        if path.lower().endswith(".npy"):
            stored = np.load(path, mmap_mode="r", allow_pickle=False)
            if rows is None:
                return os.path.getsize(path) + stored.size * (stored.itemsize + _FLOATS)
            return min(rows, len(stored)) * stored[0].nbytes
        with Image.open(path) as picture:
            pixel = len(picture.getbands()) * (1 if rows is not None else 1 + _FLOATS)
            return picture.width * picture.height * pixel
    except Exception:  # The readers raise all kinds on bytes they do not expect.
        return 0


def _bytes_of_tiff(path, rows):
    with require_reader("").TiffFile(path) as file:
        series = file.series[0]
        page = series.pages[0]
        height, itemsize = page.imagelength, page.dtype.itemsize
        row = page.imagewidth * page.samplesperpixel * len(series.pages)
        if rows is None:
            return os.path.getsize(path) + height * row * (itemsize + _FLOATS)
        # A tile or strip is read and decoded as a whole, whichever of its rows are asked for.
        length = page.tilelength if page.is_tiled else min(page.rowsperstrip or height, height)
        width = page.tilewidth if page.is_tiled else page.imagewidth
        segment = length * width * page.samplesperpixel
        return (2 * segment + min(rows, height) * row) * itemsize
