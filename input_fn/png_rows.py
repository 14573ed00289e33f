"""PNG files that are written row by row, so that a large picture need not be in memory."""

import io
import struct
import zlib

import numpy as np

# PNG specification, sections 5.2, 5.3, 11.2.2 and 9.2: what a file begins with, the colour types by
# the number of channels, and the filter that takes the difference to the row above.
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_UP = 2


class PngWriter:
    """Writes a PNG file, from its first row to its last.

    Args:
        file: Binary, open for writing.
        shape: (height, width, channels) of the picture; 1 to 4 channels: grey, grey and alpha, RGB,
            RGBA.
        dtype: np.uint8 or np.uint16.
        level: Of the compression, 0 to 9.
    """

    def __init__(self, file, shape, dtype=np.uint8, level=6):
        height, width, channels = shape
        self._file = file
        self._bytes = np.dtype(dtype).itemsize
        self._above = np.zeros([1, width * channels * self._bytes], np.uint8)
        self._compressor = zlib.compressobj(level)
        self._file.write(_SIGNATURE)
        kind = 8 * self._bytes, _COLOUR_TYPES[channels], 0, 0, 0
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, *kind))

    def write(self, rows):
        """Writes the next rows: [any, width, channels] of the picture's type."""
        stored = np.ascontiguousarray(rows.astype(f">u{self._bytes}")).view(np.uint8)
        stored = stored.reshape([len(rows), self._above.shape[1]])
        above = np.concatenate([self._above, stored[:-1]])
        lines = np.empty([len(rows), 1 + self._above.shape[1]], np.uint8)
        lines[:, 0] = _UP
        lines[:, 1:] = stored - above
        self._above = stored[-1:]
        self._chunk(b"IDAT", self._compressor.compress(lines.tobytes()))

    def close(self):
        """Writes the end of the file, which stays open."""
        self._chunk(b"IDAT", self._compressor.flush())
        self._chunk(b"IEND", b"")

    def _chunk(self, kind, content):
        if content or kind != b"IDAT":
            check = zlib.crc32(kind + content)
            self._file.write(struct.pack(">I", len(content)) + kind + content)
            self._file.write(struct.pack(">I", check))


def encode_rows(picture):
    """Encodes uint8 or uint16 [height, width, 1 to 4] as the bytes of a PNG file, fast."""
    buffer = io.BytesIO()
    writer = PngWriter(buffer, picture.shape, picture.dtype, level=1)
    writer.write(picture)
    writer.close()
    return buffer.getvalue()
