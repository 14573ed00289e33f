"""Pictures of 8 bits, found, opened, put side by side and saved by Pillow."""

import os

from PIL import Image, ImageOps

from input_fn.checks.facts import inspect, is_special
from input_fn.errors import DataError, outage_of, reason_of
from input_fn.files import write_whole
from input_fn.picture_names import natural_order
from input_fn.tools.jobs import SkippedError

_PICTURES = (".jpg", ".jpeg", ".png")
# Formats that training does not read; what is made of them it does.
OTHERS = (".bmp", ".gif", ".tif", ".tiff", ".webp")
_JPEG_QUALITY = 95
_DEEP = 16


def find_pictures(folder, extensions=_PICTURES + OTHERS):
    """Lists the pictures below a folder, as paths relative to it, in natural order.

    Args:
        folder: A folder; those within are looked through as well.
        extensions: Tuple of the endings that count, in small letters.

    Raises:
        DataError: The folder is missing or holds none.
    """
    if not os.path.isdir(folder):
        raise DataError(f"{folder}: is no folder; name the one that the pictures are in")
    found = files_below(folder, extensions)
    if not found:
        raise DataError(f"{folder}: holds no file that ends in {', '.join(extensions)}")
    return found


def files_below(folder, extensions):
    """Lists the files of some endings; as `find_pictures`, but there may be none."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(
            os.path.relpath(os.path.join(place, name), folder)
            for name in names
            if name.lower().endswith(extensions) and not name.startswith(".")
        )
    return sorted(found, key=natural_order)


def open_picture(path):
    """Opens a picture of 8 bits, whole and upright, as mode L, RGB or RGBA.

    Raises:
        SkippedError: It is broken, or has 16 bits.
    """
    if not path.lower().endswith(OTHERS):
        facts = inspect(path)
        if facts.fault:
            raise SkippedError(f"{path}: {facts.fault}")
        if facts.bits == _DEEP:
            raise SkippedError(
                f"{path}: has 16 bits, which would be lost; train.py reads it as it is"
            )
    try:
        if is_special(path):
            raise SkippedError(f"{path}: is a pipe or a device, not a file")
        with Image.open(path) as stored:
            picture = ImageOps.exif_transpose(stored)
    except SkippedError:
        raise
    except Exception as error:  # Pillow's readers raise all kinds on bytes they do not expect.
        if outage_of(error):
            raise
        raise SkippedError(f"{path}: cannot be read ({reason_of(error)})") from None
    if picture.mode.startswith(("I", "F")):
        raise SkippedError(f"{path}: has more than 8 bits (mode {picture.mode}); save it with 8")
    return _of_8_bits(picture)


def _of_8_bits(picture):
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
    """Says whether pictures came without loss, as all but JPEG may, and so should stay."""
    return not all(path.lower().endswith((".jpg", ".jpeg")) for path in paths)
