"""What is in a file: decodes it once and notes all that a check may want to know."""

import hashlib
import io
import os
import stat
from typing import Dict, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf
from PIL import Image, ImageOps, UnidentifiedImageError

from input_fn.decoding import JPEG, KIND_OF_EXTENSION, NPY, PNG, TIFF
from input_fn.errors import outage_of, reason_of
from input_fn.orientation import EXIF_TAG, UPRIGHT, is_turned
from input_fn.tiff import MissingPackageError, is_tiff, read_bands

# Pillow's names of what the decoder reads. MPO is what Pillow calls the JPEG files of cameras that
# append further pictures; a JPEG decoder reads the first.
_KINDS = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG}
_EXTENSION_OF_KIND = {JPEG: ".jpg", PNG: ".png"}
_BIT_DEPTH_AT = 24  # See `input_fn.decoding`.
_CHANNELS = {"1": 1, "L": 1, "LA": 2, "I": 1, "I;16": 1, "RGBA": 4}

# Of each half, colours are counted in a sample of this side, in cells of 8 levels to a channel
# (JPEG does not keep the colours of a label map exactly), and listed from this share on.
_SAMPLE = 64
_CELL_BITS = 3
_SMALLEST_SHARE = 0.01


class Facts(NamedTuple):
    """What a file holds. All but `fault` is None where it could not be found out.

    Attributes:
        fault: What is wrong with the file and what to do about it; None if it is whole.
        kind: "JPEG", "PNG", "NPY" or "TIFF".
        mode: Pillow's mode, or the type of an array; of a TIFF file also the meaning of its bands,
            see `tiff.Bands`, after a space.
        width: In pixels.
        height: In pixels.
        channels: As stored; 3 for palettes.
        bits: Of a sample.
        low: Smallest value of an array or of a 16-bit grey picture.
        high: Greatest value.
        digest: Of the pixels: equal pictures have equal digests, in whatever format.
        orientation: EXIF's number, 1 for upright; all the rest is of the picture turned upright.
        colours: For the left and the right half, dict of colour ("ff8000") to its share of the
            pixels; the frequent ones.
        has_nan: Whether some values of an array are not a number; the others are in `low` to
            `high`.
    """

    fault: Optional[str] = None
    kind: Optional[str] = None
    mode: Optional[str] = None
    width: Optional[int] = None
    height: Optional[int] = None
    channels: Optional[int] = None
    bits: Optional[int] = None
    low: Optional[float] = None
    high: Optional[float] = None
    digest: Optional[str] = None
    orientation: Optional[int] = None
    colours: Optional[Tuple[Dict[str, float], ...]] = None
    has_nan: Optional[bool] = None


def inspect(path: str) -> Facts:
    """Reads and decodes a file.

    Args:
        path: Any that `tf.io.gfile` reads.

    Returns:
        `Facts`; whatever is wrong with the file is in `fault`.

    Raises:
        MissingPackageError: It needs a package; the file may be good.
        OSError: The disk or the network has failed; the file may be good.
    """
    try:
        if is_special(path):
            return Facts("is a pipe or a device, not a file; make it a file or remove it")
        content = read_bytes(path)
    except (OSError, tf.errors.OpError) as error:
        if outage_of(error):
            raise
        return _unreadable_picture(error)
    if not content:
        return Facts("is empty; make it again or remove it")
    kind = KIND_OF_EXTENSION.get(os.path.splitext(path)[1].lower())
    if kind == NPY:
        return _inspect_array(content)
    if kind == TIFF:
        return _inspect_tiff(path, content)
    return _inspect_picture(content, kind)


def turned_of(facts):
    """Says which of a pair's files are not upright: set of their numbers."""
    return {number for number, found in enumerate(facts) if is_turned(found.orientation)}


def is_special(path):
    """Says whether a local path is none of a file or folder, so that reading it may never end.

    Raises:
        OSError: There is no such path.
    """
    if "://" in path:
        return False
    mode = os.stat(path).st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def read_bytes(path):
    """Reads a file, local or remote."""
    if "://" in path:
        with tf.io.gfile.GFile(path, "rb") as file:
            return file.read()
    with open(path, "rb") as file:
        return file.read()


def _inspect_array(content):
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # NumPy raises all kinds on bytes that it does not expect.
        return Facts(f"cannot be read as an array ({reason_of(error)}); save it with numpy.save")
    if not isinstance(array, np.ndarray):
        return Facts("is an archive of arrays (.npz); save one array with numpy.save")
    return _facts_of_array(array, NPY)


def _inspect_tiff(path, content):
    if not is_tiff(content):
        return Facts("is no TIFF file; rename it, or make it again")
    try:
        bands = read_bands(content)
    except MissingPackageError as error:
        raise MissingPackageError(f"{path}: {error}") from None
    except Exception as error:  # tifffile raises all kinds on bytes that it does not expect.
        return Facts(f"cannot be used as a TIFF file ({reason_of(error)}); make it again")
    return _facts_of_array(bands.values, TIFF, bands.meaning)


def _facts_of_array(array, kind, meaning=""):
    if array.ndim not in (2, 3) or not array.size or array.dtype.kind not in "uifb":
        return Facts(
            f"holds an array of shape {array.shape} and type {array.dtype}; make it numbers of "
            "shape (height, width, channels)"
        )
    finite = np.isfinite(array)
    if not finite.all():
        if np.isinf(array).any():
            return Facts("holds values that are infinite; replace them")
        low, high = (float(end(array[finite])) if finite.any() else 0.0 for end in (np.min, np.max))
    else:
        low, high = float(array.min()), float(array.max())
    return Facts(
        kind=kind,
        mode=f"{array.dtype.name} {meaning}".rstrip(),
        width=array.shape[1],
        height=array.shape[0],
        channels=1 if array.ndim == 2 else array.shape[2],
        bits=8 * array.dtype.itemsize,
        low=low,
        high=high,
        digest=_digest(array.dtype.str, array.shape, np.ascontiguousarray(array)),
        has_nan=not finite.all(),
    )


def _inspect_picture(content, expected):
    try:
        picture = Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        return Facts("is not a picture; make it again or remove it")
    except Exception as error:  # Pillow's readers raise all kinds on bytes they do not expect.
        return _unreadable_picture(error)
    with picture:
        kind = _KINDS.get(picture.format)
        if kind is None:
            return Facts(f"holds a {picture.format} picture; save it as JPEG or PNG")
        if kind != expected:
            extension = _EXTENSION_OF_KIND[kind]
            return Facts(f"holds a {kind} picture; rename it to {extension}")
        try:
            # A picture that ends early is refused unless ImageFile.LOAD_TRUNCATED_IMAGES is set,
            # which it is not by default.
            picture.load()
            orientation = picture.getexif().get(EXIF_TAG, UPRIGHT)
            bits = content[_BIT_DEPTH_AT] if kind == PNG else 8
            if is_turned(orientation):
                picture = ImageOps.exif_transpose(picture)
        except Exception as error:
            return Facts(f"is incomplete or damaged ({reason_of(error)}); copy or make it again")
        low, high = picture.getextrema() if picture.mode in ("I", "I;16") else (None, None)
        return Facts(
            kind=kind,
            mode=picture.mode,
            width=picture.width,
            height=picture.height,
            channels=_CHANNELS.get(picture.mode, 3),
            bits=bits,
            low=low,
            high=high,
            digest=_digest(picture.mode, picture.size, picture.tobytes()),
            orientation=orientation if is_turned(orientation) else UPRIGHT,
            colours=_frequent_colours(picture),
        )


def _unreadable_picture(error):
    reason = reason_of(error)
    return Facts(f"cannot be read as a picture ({reason}); make it again or remove it")


def _digest(mode, size, pixels):
    digest = hashlib.blake2b(f"{mode} {tuple(size)}".encode(), digest_size=16)
    digest.update(pixels)
    return digest.hexdigest()


def _frequent_colours(picture):
    """Lists the frequent colours of the left and of the right half."""
    sample = picture.resize((2 * _SAMPLE, _SAMPLE), Image.NEAREST).convert("RGB")
    pixels = np.asarray(sample).reshape(_SAMPLE, 2, _SAMPLE, 3).astype(np.int64)
    return tuple(_frequent_in(pixels[:, half].reshape(-1, 3)) for half in (0, 1))


def _frequent_in(pixels):
    cells = (pixels >> _CELL_BITS) @ np.array([1 << 16, 1 << 8, 1])
    _, cell, counts = np.unique(cells, return_inverse=True, return_counts=True)
    cell = cell.reshape(-1)
    frequent = np.nonzero(counts >= _SMALLEST_SHARE * len(pixels))[0]
    shares = {}
    for number in frequent:
        mean = pixels[cell == number].mean(axis=0).round().astype(int)
        shares["{:02x}{:02x}{:02x}".format(*mean)] = round(float(counts[number] / len(pixels)), 4)
    return shares
