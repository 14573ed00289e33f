"""Where on Earth the pixels of a GeoTIFF file lie: its tags, kept for what is made of it."""

import io
from typing import Any, NamedTuple, Tuple

import numpy as np

from input_fn.tiff import SIGNATURE_BYTES, is_tiff, require_reader, upright_size

# OGC 19-008r4 (GeoTIFF 1.1), section 7.
_PIXEL_SCALE, _TIE_POINTS, _TRANSFORMATION = 33550, 33922, 34264
_KEYS, _DOUBLES, _TEXT = 34735, 34736, 34737
_TAGS = (_PIXEL_SCALE, _TIE_POINTS, _TRANSFORMATION, _KEYS, _DOUBLES, _TEXT)
_RASTER_TYPE, _PIXEL_IS_POINT = 1025, 2
_TIE_POINT_NUMBERS = 6
# Types of values (TIFF 6.0, section 2).
_TYPES = {_KEYS: 3, _TEXT: 2}
_DOUBLE = 12


class Georeference(NamedTuple):
    """The tags of a GeoTIFF file that place it; none of a TIFF file that is not placed.

    Attributes:
        tags: Tuple of (code, value): the values numbers in a tuple, or text.
    """

    tags: Tuple[Tuple[int, Any], ...] = ()

    @property
    def is_placed(self):
        """Whether the tags put some pixel somewhere."""
        return any(code in (_TIE_POINTS, _TRANSFORMATION) for code, _ in self.tags)

    def placed(self, ratio, start):
        """Makes the tags of a picture that shows the same ground with other pixels.

        Nothing is reprojected: the picture's axes stay the file's.

        Args:
            ratio: (vertical, horizontal) size of the picture's pixels, in pixels of the file.
            start: (vertical, horizontal) place of the picture's top left corner in the file, in
                its pixels.

        Returns:
            List of (code, type, count, value), as `encode_tiff` takes them.
        """
        values = dict(self.tags)
        # Numbers of pixels count from the corner of the first or from its middle.
        middle = 0.5 if self._counts_middles else 0.0
        ratio, start = np.asarray(ratio)[::-1], np.asarray(start)[::-1]  # As x and y.
        if _PIXEL_SCALE in values:
            scale = np.array(values[_PIXEL_SCALE], np.float64)
            scale[:2] *= ratio
            values[_PIXEL_SCALE] = tuple(scale)
        if _TIE_POINTS in values:
            points = np.array(values[_TIE_POINTS], np.float64).reshape(-1, _TIE_POINT_NUMBERS)
            points[:, :2] = (points[:, :2] + middle - start) / ratio - middle
            values[_TIE_POINTS] = tuple(points.ravel())
        if _TRANSFORMATION in values:
            to_file = np.eye(4)
            to_file[:2, :2] = np.diag(ratio)
            to_file[:2, 3] = middle * ratio + start - middle
            matrix = np.array(values[_TRANSFORMATION], np.float64).reshape(4, 4) @ to_file
            values[_TRANSFORMATION] = tuple(matrix.ravel())
        return [
            (code, _TYPES.get(code, _DOUBLE), 0 if code == _TEXT else len(value), value)
            for code, value in values.items()
        ]

    @property
    def _counts_middles(self):
        keys = np.array(dict(self.tags).get(_KEYS, ()), np.int64)
        entries = keys[: len(keys) // 4 * 4].reshape(-1, 4)[1:]  # Less the head.
        return any(key == _RASTER_TYPE and value == _PIXEL_IS_POINT for key, _, _, value in entries)


def read_georeference(content):
    """Reads where a TIFF file lies.

    Args:
        content: Bytes of a TIFF file.

    Returns:
        `Georeference`, empty if the file does not say.

    Raises:
        MissingPackageError: tifffile is missing.
    """
    tifffile = require_reader("")
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        return georeference_of(file)


def read_placed_size(content):
    """Reads where a TIFF file lies, and its size, without its pixels.

    Args:
        content: Bytes of a TIFF file.

    Returns:
        `Georeference`, and the (height, width) of the upright picture.

    Raises:
        MissingPackageError: tifffile is missing.
    """
    with require_reader("").TiffFile(io.BytesIO(content)) as file:
        return georeference_of(file), upright_size(file.series[0].pages[0])


def georeference_of_file(path):
    """Reads where a file lies, of a TIFF file without its pixels.

    Args:
        path: Of a local file.

    Returns:
        `Georeference`; None if it is no TIFF file.

    Raises:
        MissingPackageError: tifffile is missing.
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        if not is_tiff(file.read(SIGNATURE_BYTES)):
            return None
    with require_reader("").TiffFile(path) as file:
        return georeference_of(file)


def georeference_of(file):
    """Takes the `Georeference` of a TIFF file that tifffile has open."""
    found = [(code, file.pages[0].tags.get(code)) for code in _TAGS]
    return Georeference(
        tuple(
            (code, tag.value if isinstance(tag.value, str) else tuple(np.ravel(tag.value).tolist()))
            for code, tag in found
            if tag is not None
        )
    )
