"""The files of a large result, written block by block."""

import os

import numpy as np

from input_fn import PNG_CHANNELS, PngWriter, preview, write_tiff, write_whole


def write_results(target, blocks, shape, tiff_tags=None, are_in_units=False):
    """Writes the files that `write_picture` writes, of a picture that is not in memory.

    Args:
        target: Ends in .png.
        blocks: Function without arguments that returns an iterable of (levels, values), as of
            `Predictor.finish`, from the top: `TILE` rows, but for the last.
        shape: (height, width, channels).
        tiff_tags: As of `write_picture`; this and the next likewise.
        are_in_units: Whether values are in units.

    Raises:
        OSError: A file cannot be written.
    """
    stem = os.path.splitext(target)[0]
    if tiff_tags is not None:
        values = (block for _, block in blocks())
        write_whole(f"{stem}.tif", lambda path: write_tiff(path, values, shape, tiff_tags))
    elif are_in_units or shape[2] not in PNG_CHANNELS:
        write_whole(f"{stem}.npy", lambda path: _write_array(path, blocks(), shape))
    write_whole(target, lambda path: _write_png(path, blocks(), shape))


def _write_array(path, blocks, shape):
    header = {"descr": "<f4", "fortran_order": False, "shape": tuple(map(int, shape))}
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for _, values in blocks:
            file.write(np.ascontiguousarray(values, "<f4").data)


def _write_png(path, blocks, shape):
    shown = preview(np.empty([1, 1, shape[2]])).shape[2]
    with open(path, "wb") as file:
        writer = PngWriter(file, (*shape[:2], shown))
        for levels, _ in blocks:
            writer.write(preview(levels))
        writer.close()
