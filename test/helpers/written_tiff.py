"""TIFF files of three independent writers: tifffile, GDAL by rasterio, Pillow."""

import io
import pathlib

import numpy as np
import rasterio
import tifffile

HEIGHT, WIDTH = 34, 21


def by_tifffile(array, **options):
    """The bytes of [height, width] or [height, width, bands]."""
    file = io.BytesIO()
    if array.ndim == 3:
        options.setdefault("planarconfig", "contig")
    tifffile.imwrite(file, array, **{"photometric": "minisblack", **options})
    return file.getvalue()


def by_gdal(folder, array, **options):
    """The bytes of [height, width, bands], by a file in a folder."""
    path = str(folder / "gdal.tif")
    height, width, count = array.shape
    shape = {"height": height, "width": width, "count": count, "dtype": array.dtype.name}
    with rasterio.open(path, "w", driver="GTiff", **shape, **options) as file:
        file.write(np.moveaxis(array, -1, 0))
    return pathlib.Path(path).read_bytes()


def by_pillow(picture, kind="TIFF", **options):
    """The bytes of a picture of Pillow's."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def bands(count, kind="uint16", height=HEIGHT, width=WIDTH):
    """Values over all of a type, of floats from 0 to 1, [height, width, count]."""
    values = np.random.RandomState(count).uniform(size=(height, width, count))
    if np.dtype(kind).kind == "f":
        return values.astype(kind)
    return (values * np.iinfo(kind).max).astype(kind)
