"""Single pictures of any size and mode: finding, reading, fitting to a net's size and back."""

import glob
import os

import numpy as np
from PIL import Image, ImageOps

from input_fn import DataError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
RESIZE = "resize"
PAD = "pad"


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
        path for path in found if path.lower().endswith(EXTENSIONS) and os.path.isfile(path)
    )
    if not pictures:
        what = "holds no picture" if folder else "no such file"
        raise DataError(
            f"--input {pattern}: {what}; name a file, a folder or a pattern of "
            f"{', '.join(EXTENSIONS)} files"
        )
    return pictures


def read_picture(source, channels):
    """Reads a picture upright, as the orientation in its EXIF data says.

    Transparency is dropped and 16 bits are cut to 8, as in training.

    Args:
        source: A path, or a binary stream.
        channels: 3 for RGB, 1 for grey.

    Returns:
        `PIL.Image.Image` of mode RGB or L.

    Raises:
        DataError: It cannot be read; the message does not name the source.
    """
    try:
        with Image.open(source) as picture:
            return _with_channels(ImageOps.exif_transpose(picture), picture.format, channels)
    except DataError:
        raise
    except Exception as error:  # Pillow's readers raise all kinds on bytes they do not expect.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"cannot be read as a picture ({reason})") from None


def _with_channels(picture, kind, channels):
    # Pillow has 16-bit grey PNG files as I, which elsewhere are 32 bits of unknown range.
    if picture.mode == "F" or (picture.mode == "I" and kind != "PNG"):
        raise DataError(f"has pixels of 32 bits (mode {picture.mode}); save it with 8 or 16 bits")
    if picture.mode.startswith("I"):
        picture = Image.fromarray((np.asarray(picture) >> 8).clip(0, 255).astype(np.uint8))
    if "transparency" in picture.info:
        picture = picture.convert("RGBA")
    return picture.convert("RGB" if channels == 3 else "L")


def fit(picture, size, how):
    """Brings a picture to the size of a net.

    Args:
        picture: `PIL.Image.Image` of mode RGB or L.
        size: (height, width) of the net.
        how: "resize": each side by itself; "pad": scaled so that it just fits, keeping its shape,
            and continued by its mirror image at the right or at the bottom.

    Returns:
        float32 [height, width, channels] in [-1, 1].
    """
    height, width = size if how == RESIZE else inner_size(picture.size, size)
    if picture.size != (width, height):
        # Bilinear and without aliasing, like the pictures that the net was trained on.
        picture = picture.resize((width, height), Image.BILINEAR)
    pixels = np.asarray(picture, np.float32) / 127.5 - 1.0
    pixels = pixels.reshape(height, width, -1)
    missing = [(0, size[0] - height), (0, size[1] - width), (0, 0)]
    return np.pad(pixels, missing, mode="symmetric")


def inner_size(original, size):
    """Finds the (height, width) to scale a picture to so that it just fits.

    Args:
        original: (width, height) of the picture, Pillow's order.
        size: (height, width) of the net.
    """
    scale = min(size[0] / original[1], size[1] / original[0])
    return tuple(
        min(limit, max(1, round(side * scale))) for limit, side in zip(size, original[::-1])
    )


def restore(output, original, how, keep_size):
    """Undoes `fit` on what the net made of it.

    Args:
        output: uint8 [height, width, channels], the net's picture.
        original: (width, height) of the picture before `fit`.
        how: As for `fit`.
        keep_size: Whether to scale to the original size; otherwise only the mirrored margin is
            cut off.

    Returns:
        uint8 [height, width, channels].
    """
    if how == PAD:
        height, width = inner_size(original, output.shape[:2])
        output = output[:height, :width]
    if not keep_size or output.shape[1::-1] == tuple(original):
        return output
    channels = output.shape[2]
    picture = Image.fromarray(output[..., 0] if channels == 1 else output)
    resized = np.asarray(picture.resize(original, Image.BICUBIC))
    return resized.reshape(original[1], original[0], channels)
