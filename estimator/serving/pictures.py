"""A picture's file before it is decoded: what it is, and how large it says it is."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from estimator.serving.refusals import RefusedError

# As Pillow calls them; it knows more, some of which start other programs. What it calls MPO is
# opened as JPEG.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
_DIRECTLY_DECODED = ("JPEG", "MPO", "PNG")
_NPY = "NPY"
_NPY_SIGNATURE = b"\x93NUMPY"
_MEGAPIXEL = 10**6


def check_picture(content, max_megapixels):
    """Looks at a file's head.

    Args:
        content: Bytes.
        max_megapixels: The most pixels, in millions: a small file may hold any number.

    Returns:
        Whether it is JPEG or PNG, which the network's preprocessing decodes by itself.

    Raises:
        RefusedError: 400 if it is of no kind that is taken, 413 for too many pixels.
    """
    if not content:
        raise RefusedError(400, "the body is empty; send a picture's file")
    kind, height, width = _head(content)
    if height * width > max_megapixels * _MEGAPIXEL:
        raise RefusedError(
            413,
            f"the picture has {width}x{height} pixels, {max_megapixels:g} million are the most "
            "(--max_megapixels)",
        )
    return kind in _DIRECTLY_DECODED


def _head(content):
    if content.startswith(_NPY_SIGNATURE):
        return (_NPY, *_array_size(content))
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            return picture.format, picture.height, picture.width
    except Image.DecompressionBombError as error:
        raise RefusedError(413, f"the picture has too many pixels ({error})") from None
    except UnidentifiedImageError:
        raise RefusedError(
            400,
            f"this is no picture of a kind that is taken (it begins with {content[:12]!r}); send "
            "JPEG, PNG, GIF, BMP, TIFF, WebP or .npy",
        ) from None
    except Exception as error:  # Pillow's readers raise all kinds on bytes they do not expect.
        raise RefusedError(400, f"cannot be read as a picture ({error})") from None


def _array_size(content):
    """Reads (height, width) from the head of a .npy file."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape = read(file)[0]
    except Exception as error:  # NumPy raises all kinds on bytes that it does not expect.
        raise RefusedError(400, f"cannot be read as an array ({error})") from None
    # Whether it suits the network is found out when it is decoded.
    return (shape[0], shape[1]) if len(shape) > 1 else (1, 1)
