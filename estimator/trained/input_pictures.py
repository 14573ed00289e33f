"""Single picture files: finding them, and their bytes as the network's preprocessing reads them."""

import glob
import io
import os

from PIL import Image, ImageOps, UnidentifiedImageError

from input_fn import (
    ARRAYS,
    EXIF_TAG,
    NPY,
    TIFF,
    UPRIGHT,
    DataError,
    MissingPackageError,
    decode_array,
    is_tiff,
    read_bands,
    reason_of,
    require_reader,
)

EXTENSIONS = (".jpg", ".jpeg", ".png", ".npy", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_NPY_SIGNATURE = b"\x93NUMPY"
# What the preprocessing decodes by itself, as Pillow calls it.
_DECODED = ("JPEG", "MPO", "PNG")


def find_pictures(pattern):
    """Finds the files that `--input` names.

    Args:
        pattern: A file, a folder (its pictures, not those of subfolders), or a glob pattern, in
            which ** stands for any subfolders.

    Returns:
        Sorted list of paths. A single file is taken whatever its name.

    Raises:
        DataError: There is none.
    """
    if os.path.isfile(pattern):
        return [pattern]
    folder = os.path.isdir(pattern)
    # A folder's own name may have characters that a pattern has.
    found = glob.glob(
        os.path.join(glob.escape(pattern), "*") if folder else pattern, recursive=True
    )
    pictures = sorted(
        # Pipes and dangling links as well: what cannot be read is named when its turn comes.
        path
        for path in found
        if path.lower().endswith(EXTENSIONS) and not os.path.isdir(path)
    )
    if not pictures:
        what = "holds no picture" if folder else "no such file"
        raise DataError(
            f"--input {pattern}: {what}; name a file, a folder or a pattern of "
            f"{', '.join(EXTENSIONS)} files"
        )
    return pictures


def prepare_bytes(content, pair_format, kinds, channels=None):
    """Brings a file into a form that the preprocessing decodes: JPEG, PNG, .npy or TIFF, upright.

    These stay as they are, so that they are decoded as in training; what has another format, or is
    to be turned by its EXIF data, becomes a PNG file of the same pixels. So do TIFF files that only
    Pillow reads.

    Args:
        content: Bytes of a file.
        pair_format: The run's `PairFormat`.
        kinds: Set of the kinds that the network takes.
        channels: Of this file; None for those of the network's input.

    Returns:
        Bytes.

    Raises:
        DataError: It cannot be read, or is not of a kind that the network takes; the message does
            not name the file.
    """
    channels = channels or pair_format.stored_input_channels
    if content.startswith(_NPY_SIGNATURE):
        if NPY not in kinds:
            raise DataError("is an array; the network takes pictures in colour, JPEG or PNG")
        return _checked_array(content, pair_format, channels)
    is_array, takes_pictures = TIFF in kinds and is_tiff(content), not kinds <= ARRAYS
    if is_array and (not takes_pictures or _has_bands(content)):
        return _checked_array(content, pair_format, channels)
    if is_tiff(content) and not takes_pictures:
        require_reader("")
    if not takes_pictures:
        raise DataError(f"is no .npy or TIFF file; the network takes arrays of {channels} channels")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            upright = picture.getexif().get(EXIF_TAG, UPRIGHT) == UPRIGHT
            if picture.format in _DECODED and upright:
                return content
            return _as_png(ImageOps.exif_transpose(picture), picture.format)
    except DataError:
        raise
    except UnidentifiedImageError:
        if is_tiff(content):
            require_reader("")
        raise DataError("cannot be read as a picture (of no format that is known)") from None
    except Exception as error:  # Pillow's readers raise all kinds on bytes they do not expect.
        raise DataError(f"cannot be read as a picture ({reason_of(error)})") from None


def _has_bands(content):
    try:
        read_bands(content)
    except Exception:  # Pillow may know the compression, or the kind of colours.
        return False
    return True


def _checked_array(content, pair_format, channels):
    try:
        decode_array(content, channels, None, pair_format.alpha, pair_format.counting_of_input)
    except MissingPackageError:
        raise
    except Exception as error:  # NumPy and tifffile raise all kinds on bytes they do not expect.
        raise DataError(f"cannot be used as an array ({error})") from None
    return content


def _as_png(picture, kind):
    # Pillow has 16-bit grey PNG files as I, which elsewhere are 32 bits of unknown range.
    if picture.mode == "F" or (picture.mode == "I" and kind != "PNG"):
        if kind == "TIFF":
            require_reader("")
        raise DataError(f"has pixels of 32 bits (mode {picture.mode}); save it with 8 or 16 bits")
    if "transparency" in picture.info or picture.mode in ("LA", "PA", "La", "RGBa"):
        picture = picture.convert("RGBA")
    elif picture.mode not in ("1", "L", "RGB", "RGBA") and not picture.mode.startswith("I"):
        picture = picture.convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()
