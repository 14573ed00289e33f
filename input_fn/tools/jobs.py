"""What the commands share: work over all cores with a progress bar, and files written whole."""

import argparse
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor

from PIL import Image
from tqdm import tqdm

from input_fn.checks.facts import inspect
from input_fn.errors import DataError
from input_fn.files import write_whole
from input_fn.listing import natural_order

PICTURES = (".jpg", ".jpeg", ".png")
_JPEG_QUALITY = 95
_DEEP = 16


class SkippedError(Exception):
    """A file cannot be used; the message says why."""


def parse_size(text):
    """Reads "256" or "256x512" (height x width) into (height, width)."""
    try:
        sides = tuple(int(side) for side in text.lower().split("x"))
    except ValueError:
        sides = ()
    if len(sides) not in (1, 2) or min(sides) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 256, or 256x512 (HxW)")
    return sides * 2 if len(sides) == 1 else sides


def run_jobs(function, jobs, what, skipped=()):
    """Calls a function for each job, in parallel, and says at the end what came of it.

    Args:
        function: Of one job; at the top level of a module, so that other processes find it. It
            raises `SkippedError` for a file that cannot be used.
        jobs: List of arguments.
        what: Word for what is written, such as "pairs".
        skipped: Lines on what was left out beforehand.

    Returns:
        Exit code: 0, or 1 if anything was skipped.
    """
    failed = [line for line in map_jobs(_Guarded(function), jobs, what) if line]
    return summarize(len(jobs) - len(failed), what, [*skipped, *failed])


def map_jobs(function, jobs, what):
    """Calls a function for each job, in parallel; returns the results in order."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(function, jobs, chunksize=max(1, min(16, len(jobs) // 64)))
        # None: no bar where the output is not a terminal.
        return list(tqdm(results, what, len(jobs), unit=" files", disable=None))


class _Guarded:
    """A function that returns the reason for a skip instead of raising it."""

    def __init__(self, function):
        self._function = function

    def __call__(self, job):
        try:
            self._function(job)
        except SkippedError as reason:
            return str(reason)
        return None


def summarize(written, what, skipped):
    """Prints what was skipped and a summary line; returns the exit code, 1 if anything was."""
    for line in skipped:
        print(f"skipped: {line}", file=sys.stderr)
    print(f"{written} {what} written, {len(skipped)} skipped", flush=True)
    return 1 if skipped else 0


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


def copy_file(source, target):
    """Copies a file; whole or not at all."""
    write_whole(target, lambda path: shutil.copyfile(source, path))
