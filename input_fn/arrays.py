"""The bytes of .npy and TIFF files to levels, by NumPy."""

import io

import numpy as np

from input_fn.tiff import fitting_channels, is_tiff, read_bands
from input_fn.units import GREY, Band, levels_of
from input_fn.weights import FULL, without_missing


def decode_array(content, channels, bands=None, alpha="drop", counting=None):
    """Reads the bytes of a .npy or TIFF file.

    Args:
        content: Bytes.
        channels: Number of channels that it must have. Of a TIFF file that holds a picture, grey
            and colours are read as each other, and transparency is left out, as of PNG files.
        bands: As of `decoder`. The range of the type is, of whole numbers, from their smallest to
            their greatest, of floats and truth values 0 to 1.
        alpha: As of `PairFormat`.
        counting: As of `decoder`.

    Returns:
        float32 array [height, width, channels] in [0, 255]; what is out of range is cut off. With
        `counting` there is one channel more, the weight.

    Raises:
        MissingPackageError: It needs a package that is missing.
        ValueError: It is no array of that many channels, or has what is no number in it.
    """
    if is_tiff(content):
        return _decode_tiff(content, channels, bands, alpha, counting)
    array = _load(content)
    array = array[..., :-1] if counting is not None and counting.drops_last else array
    if array.shape[-1] != channels:
        raise ValueError(f"an array of shape {array.shape} has not {channels} channels")
    return _counted(array, bands, counting)


def decode_last_channel(content):
    """Reads the last channel of a .npy or TIFF file, the weights.

    Returns:
        float32 [height, width, 1] in [0, 255], by the range of the type.

    Raises:
        ValueError: It holds what is no number.
    """
    array = read_bands(content).values if is_tiff(content) else _load(content)
    return _to_levels(without_missing(array[..., -1:], ())[0], None)


def _load(content):
    array = np.load(io.BytesIO(content), allow_pickle=False)
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3:
        raise ValueError(f"an array of shape {array.shape} has not height, width and channels")
    return array


def _counted(values, bands, counting, opacity=None, alpha="drop"):
    """Brings values to levels, with their weight if need be; `opacity` is in [0, 1]."""
    values, has_data = without_missing(values, () if counting is None else counting.nodata)
    levels = _to_levels(values, bands)
    if opacity is not None and alpha == "white":
        levels = levels * opacity + np.float32(255.0) * (1 - opacity)
    if counting is None:
        return levels
    weights = has_data.astype(np.float32)
    if opacity is not None and counting.by_alpha:
        weights = weights * opacity
    return np.concatenate([levels * weights, weights * np.float32(FULL)], axis=-1)


def _decode_tiff(content, channels, bands, alpha, counting):
    found = read_bands(content)
    values, count = found.values, found.values.shape[-1]
    if counting is not None and counting.drops_last:
        values, count = values[..., :-1], count - 1
        found = found._replace(values=values, meaning="")
    if channels not in fitting_channels(count, found.meaning):
        raise ValueError(f"a TIFF file of {count} bands has not {channels} channels")
    opacity = None
    if channels != count and found.has_alpha:
        values, opacity = values[..., :-1], _to_levels(values[..., -1:], None) / np.float32(255.0)
    levels = _counted(values, bands, counting, opacity, alpha)
    if counting is None:
        return _with_channels(levels, channels)
    return np.concatenate([_with_channels(levels[..., :-1], channels), levels[..., -1:]], axis=-1)


def _with_channels(levels, channels):
    """Does of an array of bands what `with_channels` does, and repeats grey."""
    if levels.shape[-1] == channels:
        return levels
    if channels == 1:
        return levels @ np.array(GREY, np.float32)[:, None]
    return np.repeat(levels, channels, axis=-1)


def _to_levels(array, bands):
    """Brings an array's values to [0, 255]; `bands` as of `decoder`."""
    return levels_of(array, bands or ((Band(*range_of_type(array.dtype)),),))


def range_of_type(dtype):
    """Says which values of a NumPy type stand for black and white.

    Raises:
        ValueError: The type is not one of numbers.
    """
    if dtype.kind == "u":
        return 0.0, float(np.iinfo(dtype).max)
    if dtype.kind == "i":
        return float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    if dtype.kind in "fb":
        return 0.0, 1.0
    raise ValueError(f"an array of type {dtype} holds no numbers")
