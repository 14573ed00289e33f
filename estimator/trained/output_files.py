"""Names and files of pictures that a program writes."""

import io
import os
from collections import Counter

import numpy as np
from PIL import Image

from input_fn import PNG_CHANNELS, encode_tiff, place_of_result, preview, write_bytes

# Of zlib, 0 to 9. The usual 6 takes twice the time for photos, for 1 or 2 % of their bytes.
_COMPRESSION = 4


def output_names(paths):
    """Chooses a PNG's name for each picture file, its own with another ending.

    Files that differ in their endings only keep them: a.jpg and a.png become a.jpg.png and
    a.png.png. Files of several folders keep their subfolders from the common folder on.

    Args:
        paths: Different paths.

    Returns:
        List of relative paths, all different.
    """
    folder = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
    relative = [os.path.relpath(os.path.abspath(path), folder) for path in paths]
    stems = [os.path.splitext(path)[0] for path in relative]
    count = Counter(stems)
    return [(stem if count[stem] == 1 else path) + ".png" for stem, path in zip(stems, relative)]


def encode_png(levels):
    """Encodes uint8 [height, width, 1, 3 or 4] as the bytes of a PNG file."""
    buffer = io.BytesIO()
    levels = levels[..., 0] if levels.shape[-1] == 1 else levels
    Image.fromarray(levels).save(buffer, format="PNG", compress_level=_COMPRESSION)
    return buffer.getvalue()


def result_tags(georeference, size, pair_format, fit, keep_size=False):
    """Says which tags a result gets as a TIFF file.

    Args:
        georeference: `Georeference` of the input; None if it is no TIFF file.
        size: (height, width) of the input's picture in its file.
        pair_format: The network's `PairFormat`.
        fit: How the picture was brought to the network's size, one of `input_fn.FITS`.
        keep_size: Whether the result has been brought back to the size of the picture.

    Returns:
        List of tags as `encode_tiff` takes them; None if the result is to be no TIFF file.
    """
    if georeference is None:
        return None
    return georeference.placed(*place_of_result(size, pair_format.fine_size, fit, keep_size))


def write_picture(path, levels, values, tiff_tags=None, are_in_units=False):
    """Writes a picture as PNG; its folder is made if need be.

    What a PNG file cannot hold (2 channels, or more than 4, or values in units) also goes to a .npy
    file of the same name; the PNG file shows the first channels. Where there are TIFF tags, all go
    to a .tif file instead.

    Args:
        path: Ends in .png.
        levels: uint8 [height, width, channels].
        values: The same as float32 in [0, 1], in which .npy and TIFF files are read, or in units.
        tiff_tags: List of tags as `encode_tiff` takes them; None for no TIFF file.
        are_in_units: Whether these are values in units, which a PNG file does not show.

    Raises:
        OSError: A file cannot be written.
    """
    stem = os.path.splitext(path)[0]
    if tiff_tags is not None:
        write_bytes(f"{stem}.tif", encode_tiff(values, tiff_tags))
    elif are_in_units or levels.shape[-1] not in PNG_CHANNELS:
        buffer = io.BytesIO()
        np.save(buffer, values)
        write_bytes(f"{stem}.npy", buffer.getvalue())
    write_bytes(path, encode_png(preview(levels)))
