"""Bands to TIFF files: small ones as bytes, large ones tile by tile."""

import io

import numpy as np

from input_fn.tiff import COLOURS, Bands, require_reader

TILE = 256  # Sides of the tiles that large files are written in.


def encode_bands(values, meaning, tags=()):
    """Encodes part of what a TIFF file holds, so that it is read as the whole is.

    Args:
        values: Array [height, width, bands].
        meaning: As of `Bands`.
        tags: As of `encode_tiff`.

    Returns:
        Bytes.
    """
    file = io.BytesIO()
    has_alpha = Bands(values, meaning).has_alpha
    bands = values.shape[-1]
    require_reader("").imwrite(
        file,
        values if bands > 1 else values[..., 0],
        photometric="rgb" if meaning.startswith(COLOURS) else "minisblack",
        planarconfig="contig" if bands > 1 else None,
        extrasamples=["unassalpha"] if has_alpha else None,
        metadata=None,
        extratags=_extra_tags(tags),
    )
    return file.getvalue()


def write_tiff(path, blocks, shape, tags=()):
    """Writes a picture of any number of bands, in tiles; as a BigTIFF file if it is that large.

    Args:
        path: Of the file.
        blocks: Iterable of float32 [rows, width, bands], from the top; all but the last have
            `TILE` rows.
        shape: (height, width, bands) of the whole.
        tags: As of `encode_tiff`.

    Raises:
        MissingPackageError: tifffile is missing.
        OSError: The file cannot be written.
    """

    def tiles():
        for block in blocks:
            for left in range(0, shape[1], TILE):
                part = block[:, left : left + TILE]
                missing = [(0, TILE - side) for side in part.shape[:2]]
                tile = np.pad(part, [*missing, (0, 0)], mode="constant")
                yield tile if shape[2] > 1 else tile[..., 0]

    require_reader("results: ").imwrite(
        path,
        tiles(),
        shape=shape if shape[2] > 1 else shape[:2],
        dtype=np.float32,
        tile=(TILE, TILE),
        **_layout(shape[2], tags),
    )


def encode_tiff(values, tags=()):
    """Encodes a picture of any number of bands.

    Args:
        values: float32 [height, width, bands].
        tags: Further tags, each (code, type, count, value) as tifffile takes them.

    Returns:
        Bytes.

    Raises:
        MissingPackageError: tifffile is missing.
    """
    tifffile = require_reader("results: ")
    bands = values.shape[-1]
    file = io.BytesIO()
    tifffile.imwrite(file, values if bands > 1 else values[..., 0], **_layout(bands, tags))
    return file.getvalue()


def _layout(bands, tags):
    return {
        "photometric": "rgb" if bands == 3 else "minisblack",
        "planarconfig": "contig" if bands > 1 else None,
        "metadata": None,
        "extratags": _extra_tags(tags),
    }


def _extra_tags(tags):
    return [(*tag, True) for tag in tags]
