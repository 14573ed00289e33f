"""Pictures of 8 bits, found, opened, put side by side and saved by Pillow."""

import os

from PIL import Image

from input_fn.checks.facts import inspect
from input_fn.errors import DataError
from input_fn.files import write_whole
from input_fn.listing import natural_order
from input_fn.tools.jobs import SkippedError

PICTURES = (".jpg", ".jpeg", ".png")
_JPEG_QUALITY = 95
_DEEP = 16


def find_pictures(folder):
    """Lists the pictures below a folder, as paths relative to it, in natural order.

    Raises:
        DataError: The folder is missing or holds none.
    """
    if not os.path.isdir(folder):
        raise DataError(f"{folder}: is no folder; name the one that the pictures are in")
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(
            os.path.relpath(os.path.join(place, name), folder)
            for name in names
            if name.lower().endswith(PICTURES) and not name.startswith(".")
        )
    if not found:
        raise DataError(f"{folder}: holds no .jpg, .jpeg or .png file")
    return sorted(found, key=natural_order)


def open_picture(path):
    """Opens a picture of 8 bits, whole, as mode L, RGB or RGBA.

    Raises:
        SkippedError: It is broken, or has 16 bits.
    """
    facts = inspect(path)
    if facts.fault:
        raise SkippedError(f"{path}: {facts.fault}")
    if facts.bits == _DEEP:
        raise SkippedError(f"{path}: has 16 bits, which would be lost; train.py reads it as it is")
    with Image.open(path) as picture:
        has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        mode = "RGBA" if has_alpha else "L" if picture.mode in ("1", "L") else "RGB"
        return picture.convert(mode)


def side_by_side(a, b):
    """Puts two pictures of one size side by side, in the richer of their modes."""
    mode = max(a.mode, b.mode, key=("L", "RGB", "RGBA").index)
    pair = Image.new(mode, (2 * a.width, a.height))
    pair.paste(a.convert(mode), (0, 0))
    pair.paste(b.convert(mode), (a.width, 0))
    return pair


def save_picture(picture, stem, lossless):
    """Saves a picture as .png, or as .jpg where it may lose a little; whole or not at all."""
    extension = ".png" if lossless or picture.mode == "RGBA" else ".jpg"
    options = {"format": "PNG"} if extension == ".png" else {"format": "JPEG"}
    if extension == ".jpg":
        # Colours at full resolution: a border between A and B, or of labels, would bleed.
        options.update(quality=_JPEG_QUALITY, subsampling=0)
    write_whole(stem + extension, lambda path: picture.save(path, **options))


def is_lossless(*paths):
    """Says whether pictures came without loss, and so should stay."""
    return any(path.lower().endswith(".png") for path in paths)
