"""Names and files of pictures that a run writes."""

import io
import os
from collections import Counter

import numpy as np
from PIL import Image

from hooks import write_bytes_atomically

_PNG_CHANNELS = (1, 3, 4)


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


def to_uint8(picture):
    """Turns float [height, width, channels] in [-1, 1] into uint8 in 0..255, rounded to nearest."""
    return np.round((picture + 1.0) * 127.5).clip(0, 255).astype(np.uint8)


def encode_png(pixels):
    """Encodes uint8 [height, width, 1, 3 or 4] as the bytes of a PNG file."""
    buffer = io.BytesIO()
    pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def write_picture(path, picture):
    """Writes float [height, width, channels] in [-1, 1] as PNG; its folder is made if need be.

    What a PNG file cannot hold (2 channels, or more than 4) also goes to a .npy file of the same
    name, with values in [0, 1], as they are read; the PNG file shows the first channels.
    """
    channels = picture.shape[-1]
    if channels not in _PNG_CHANNELS:
        buffer = io.BytesIO()
        np.save(buffer, picture * 0.5 + 0.5)
        write_bytes_atomically(os.path.splitext(path)[0] + ".npy", buffer.getvalue())
        picture = picture[..., : 3 if channels > 3 else 1]
    write_bytes_atomically(path, encode_png(to_uint8(picture)))
