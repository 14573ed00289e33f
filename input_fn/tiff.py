"""TIFF files to bands, by tifffile, a package that only who has such files needs."""

import contextlib
import importlib
import io
import logging
from typing import NamedTuple

import numpy as np

from input_fn.errors import DataError, reason_of
from input_fn.orientation import UPRIGHT, turned_array, turned_size

# Order of the bytes, and 42, or 43 for BigTIFF (TIFF 6.0, section 2).
SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SIGNATURE_BYTES = 4
_EXTRA = "install it by pip install '.[{}]' in the folder of setup.py"

# Tags and their values (TIFF 6.0, sections 8 and 18).
_ORIENTATION = 274
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_ALPHAS = (1, 2)
# JPEG within TIFF, which is decoded to RGB.
_JPEG = (6, 7)

# What the bands of a file mean, where it says so.
PLAIN, COLOURS = "", "RGB"
_WITH_ALPHA = {2: "LA", 4: "RGBA"}


class MissingPackageError(DataError):
    """A file needs a package that is not there; the message says how to install it."""


class Bands(NamedTuple):
    """What a TIFF file holds.

    Attributes:
        values: Array [height, width, bands] of the type in the file, upright.
        meaning: "RGB"; "RGBA" or "LA" (grey) if the last band is transparency; else "".
    """

    values: np.ndarray
    meaning: str = PLAIN

    @property
    def has_alpha(self):
        """Whether the last band is transparency."""
        return self.meaning in _WITH_ALPHA.values()


def fitting_channels(bands, meaning):
    """Lists the numbers of channels that bands can be read as.

    Args:
        bands: Their number.
        meaning: As of `Bands`.

    Returns:
        Set: of all bands, of the colours alone if there is transparency, and of grey and colours
        either as the other.
    """
    colours = bands - 1 if meaning in _WITH_ALPHA.values() else bands
    is_picture = colours == 1 or (colours == 3 and meaning != PLAIN)
    return {bands, colours} | ({1, 3} if is_picture else set())


def is_tiff(content):
    """Says whether bytes are those of a TIFF file."""
    return content.startswith(SIGNATURES)


def has_reader():
    """Says whether TIFF files can be read here."""
    try:
        require_reader("")
    except MissingPackageError:
        return False
    return True


def require_reader(place):
    """Imports tifffile.

    Args:
        place: What needs it, for the message; ends in ": ".

    Returns:
        The module.

    Raises:
        MissingPackageError: It does not import.
    """
    try:
        tifffile = importlib.import_module("tifffile")
    except Exception as error:  # Of versions that do not go together, any kind.
        raise MissingPackageError(
            f"{place}TIFF files need the package tifffile, which cannot be imported "
            f"({reason_of(error)}); {_EXTRA.format('tiff')}"
        ) from None
    # It logs what is odd about a file, line by line.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    return tifffile


def read_bands(content):
    """Decodes the first picture of a TIFF file: tiles or strips, of any byte order, or BigTIFF.

    Args:
        content: Bytes.

    Returns:
        `Bands`. Pages of one size that the file has as one picture, such as the channels of a
        microscope, are bands. Palettes become RGB; what is stored with white as 0 is inverted.

    Raises:
        MissingPackageError: tifffile is missing, or imagecodecs, which this file's compression
            needs; the message does not name the file.
        ValueError: It is cut off, has other colours, or more axes than bands, height and width.
    """
    tifffile = require_reader("")
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        series = file.series[0]
        page = series.pages[0]
        require_whole(series.pages, len(content))
        with naming_codec(page):
            values = series.asarray(maxworkers=1)
        return bands_of(values, series.axes, page)


@contextlib.contextmanager
def naming_codec(page):
    """Raises `MissingPackageError` where what decodes a page needs imagecodecs."""
    try:
        yield
    except Exception as error:  # tifffile raises all kinds, also for what is damaged.
        if "imagecodecs" not in str(error):
            raise
        raise MissingPackageError(
            f"is compressed by {page.compression.name}, which needs the package imagecodecs; "
            f"{_EXTRA.format('tiff-codecs')}"
        ) from None


def require_whole(pages, size):
    """Refuses what is cut off, in place of which tifffile would give zeros."""
    for page in pages:
        if page is None:
            continue
        ends = [start + count for start, count in zip(page.dataoffsets, page.databytecounts)]
        if max(ends, default=0) > size:
            raise ValueError(f"it has {size} bytes and needs {max(ends)}")


def bands_of(values, axes, page):
    """Puts what is stored in order.

    Args:
        values: Array as tifffile decodes it, or whole rows of it.
        axes: Of it, as tifffile calls them.
        page: The page, of tifffile.

    Returns:
        `Bands`.

    Raises:
        ValueError: It has other axes than bands, height and width, or colours of another kind.
    """
    kind, compression = int(page.photometric), int(page.compression)
    if values.ndim == 2:
        values = values[..., None]
    elif values.ndim == 3 and axes[-1] != "S":
        values = np.moveaxis(values, 0, -1)
    if values.ndim != 3:
        raise ValueError(f"it has the axes {axes} of {values.shape}, not bands, height and width")
    meaning = PLAIN
    if kind == _PALETTE and page.colormap is not None:
        values, meaning = (page.colormap.T[values[..., 0]] >> 8).astype(np.uint8), COLOURS
    elif kind == _RGB or (kind == _YCBCR and compression in _JPEG):
        meaning = COLOURS
    elif kind == _WHITE_IS_ZERO and values.dtype.kind in "bu":
        values = ~values if values.dtype.kind == "b" else np.iinfo(values.dtype).max - values
    elif kind != _BLACK_IS_ZERO:
        raise ValueError(f"it has colours of the kind {page.photometric.name}; save it as RGB")
    extra = [int(each) for each in page.extrasamples or ()]
    count = values.shape[-1]
    if kind in (_BLACK_IS_ZERO, _RGB) and extra and extra[-1] in _ALPHAS:
        meaning = _WITH_ALPHA.get(count, PLAIN)
    elif meaning == COLOURS and count != 3:
        meaning = PLAIN
    return Bands(turned_array(values, _orientation_of(page)), meaning)


def upright_size(page):
    """Says which (height, width) a page's picture has as `read_bands` gives it."""
    return turned_size((page.imagelength, page.imagewidth), _orientation_of(page))


def _orientation_of(page):
    tag = page.tags.get(_ORIENTATION)
    return UPRIGHT if tag is None else int(tag.value)
