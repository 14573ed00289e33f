"""Large pictures by rows: of arrays and TIFF files only what is asked for is in memory."""

import io
import os

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.decoding import decode_picture
from input_fn.errors import DataError, reason_of
from input_fn.georeference import georeference_of
from input_fn.orientation import UPRIGHT
from input_fn.png_rows import encode_rows
from input_fn.tiff import (
    bands_of,
    is_tiff,
    naming_codec,
    require_reader,
    require_whole,
)
from input_fn.tiff_writing import encode_bands

_NPY_SIGNATURE = b"\x93NUMPY"
_ORIENTATION = 274  # A tag of TIFF files (TIFF 6.0, section 8).
_SEPARATE = 2  # A value of planar configuration: each band has segments of its own.
_PNG_BIT_DEPTH_AT = 24
_SIXTEEN = 16


def open_rows(path):
    """Opens an array or a TIFF file.

    Args:
        path: Of the file.

    Returns:
        `ArrayRows` or `TiffRows`; None if it is a file of another kind.

    Raises:
        DataError: It is damaged, needs a package that is missing, or cannot be read by rows; the
            message does not name the file.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(len(_NPY_SIGNATURE))
        if start == _NPY_SIGNATURE:
            return ArrayRows(path)
        return TiffRows(path) if is_tiff(start) else None
    except DataError:
        raise
    except Exception as error:  # NumPy and tifffile raise all kinds on bytes they do not expect.
        raise DataError(f"cannot be read ({reason_of(error)})") from None


class ArrayRows:
    """A .npy file, by a memory map.

    Attributes:
        shape: (height, width, channels).
        extension: Of the files that `encode` makes.
        georeference: `Georeference` of a TIFF file; None of others.

    Args:
        path: Of the file.

    Raises:
        ValueError: It holds no picture.
    """

    extension, georeference = ".npy", None

    def __init__(self, path):
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        if mapped.ndim not in (2, 3) or 0 in mapped.shape:
            raise ValueError(f"an array of shape {mapped.shape} is no picture")
        self.shape = (*mapped.shape, 1)[:3]
        self._path = path

    def rows(self, top, count):
        """Reads rows: an array [count, width, channels] of the type in the file."""
        # Mapped for each time: the pages of a map that stays would stay in memory.
        mapped = np.load(self._path, mmap_mode="r", allow_pickle=False)
        return np.array(mapped[top : top + count]).reshape([count, *self.shape[1:]])

    def encode(self, part, start=None):
        """Encodes a part of the picture as a file of its kind.

        Args:
            part: Array [height, width, channels], of values as `rows` has them.
            start: (row, column) of its top left corner, which its georeference is to say, if the
                file has one; None for no georeference.

        Returns:
            Bytes.
        """
        buffer = io.BytesIO()
        np.save(buffer, part)
        return buffer.getvalue()

    def close(self):
        """There is nothing to close."""


class TiffRows:
    """A TIFF file, by the tiles or strips that the rows lie in; as `ArrayRows`.

    Args:
        path: Of the file.

    Raises:
        DataError: It is turned, or needs a package that is missing.
        ValueError: It has other axes than bands, height and width, or is cut off.
    """

    extension = ".tif"

    def __init__(self, path):
        self._file = require_reader("").TiffFile(path)
        series = self._file.series[0]
        self._pages, self._page = list(series.pages), series.pages[0]
        several = len(self._pages) > 1
        if None in self._pages or (series.axes[1:] if several else series.axes) not in (
            ("YX",) if several else ("YX", "YXS", "SYX")
        ):
            raise ValueError(f"it has the axes {series.axes}, not bands, height and width")
        tag = self._page.tags.get(_ORIENTATION)
        if tag is not None and int(tag.value) != UPRIGHT:
            raise DataError("is a TIFF file that is stored turned or mirrored; save it upright")
        require_whole(self._pages, os.path.getsize(path))
        self._height = self._page.imagelength
        first = self._bands(0, 1)
        self._meaning = first.meaning
        self.shape = (self._height, *first.values.shape[1:])
        self.georeference = georeference_of(self._file)

    def rows(self, top, count):
        """Reads rows; see `ArrayRows`."""
        return self._bands(top, count).values

    def encode(self, part, start=None):
        """Encodes a part of the picture; see `ArrayRows`."""
        tags = () if start is None else self.georeference.placed((1.0, 1.0), start)
        return encode_bands(part, self._meaning, tags)

    def close(self):
        """Closes the file."""
        self._file.close()

    def _bands(self, top, count):
        stored = [self._stored(page, top, count) for page in self._pages]
        return bands_of(np.concatenate(stored, axis=-1), "YXS", self._page)

    def _stored(self, page, top, count):
        """Decodes rows of a page: [count, width, samples]."""
        known = self._page
        width, samples = known.imagewidth, known.samplesperpixel
        planes = samples if int(known.planarconfig) == _SEPARATE else 1
        if known.is_tiled:
            length, across = known.tilelength, -(-width // known.tilewidth)
        else:
            length, across = min(known.rowsperstrip or self._height, self._height), 1
        down = -(-self._height // length)
        out = np.zeros([count, width, planes, samples // planes], known.dtype)
        for plane in range(planes):
            for line in range(top // length, (top + count - 1) // length + 1):
                for column in range(across):
                    self._place(page, (plane * down + line) * across + column, top, out)
        return out.reshape([count, width, samples])

    def _place(self, page, index, top, out):
        """Decodes a tile or strip and copies what of it lies in the rows."""
        if not page.databytecounts[index]:
            return  # It was never written, and stands for zeros.
        handle = self._file.filehandle
        handle.seek(page.dataoffsets[index])
        content = handle.read(page.databytecounts[index])
        tables = self._page.jpegtables
        more = {} if tables is None else {"jpegtables": tables}
        with naming_codec(self._page):
            segment, (plane, _, y, x, _), (_, length, width, _) = self._page.decode(
                content, index, **more
            )
        if segment is None:
            return
        # Tiles may protrude beyond the right and the lower edge.
        first, last = max(y, top), min(y + length, top + len(out))
        part = segment[0, first - y : last - y, : min(width, out.shape[1] - x)]
        out[first - top : last - top, x : x + part.shape[1], plane] = part


class WholePicture:
    """A picture that is decoded as a whole; otherwise as `ArrayRows`.

    Args:
        picture: uint8 or uint16 [height, width, channels], 1 to 4.
    """

    extension, georeference = ".png", None

    def __init__(self, picture):
        self._picture = picture
        self.shape = picture.shape

    @classmethod
    def of_file(cls, content):
        """Decodes the bytes of an upright JPEG or PNG file as training does.

        Raises:
            tf.errors.OpError: It cannot be decoded.
        """
        with tf.Graph().as_default(), tf.Session() as session:
            if content[1:4] == b"PNG":
                dtype = tf.uint16 if content[_PNG_BIT_DEPTH_AT] == _SIXTEEN else tf.uint8
                picture = tf.image.decode_png(content, channels=0, dtype=dtype)
            else:
                picture = decode_picture(content)
            return cls(session.run(picture))

    def rows(self, top, count):
        """Takes rows; see `ArrayRows`."""
        return self._picture[top : top + count]

    def encode(self, part, start=None):
        """Encodes a part of the picture; see `ArrayRows`."""
        return encode_rows(part)

    def close(self):
        """There is nothing to close."""
