"""`join`: what was predicted of slices, back to volumes."""

import json
import os
import re

import numpy as np
from PIL import Image

from input_fn.errors import DataError, outage_of, reason_of
from input_fn.files import write_bytes
from input_fn.row_readers import open_rows
from input_fn.tools.jobs import SkippedError, run_jobs
from input_fn.tools.pictures import files_below
from input_fn.volumes import encode_nifti

# In this order: what has more than 8 bits comes first.
_EXTENSIONS = (".npy", ".tif", ".tiff", ".png")
_SLICE = re.compile(r"^(?P<volume>.+)_s(?P<number>\d{4,})$")


def add_command(commands):
    """Adds `join`."""
    parser = commands.add_parser("join", help="predictions of slices to volumes, .nii.gz")
    parser.add_argument("folder", metavar="DIR", help="folder of what predict.py made of slices")
    parser.add_argument("out", metavar="OUT", help="folder to write to")
    parser.add_argument(
        "--volumes",
        required=True,
        metavar="DIR",
        help="the folder volumes/ that `slices` wrote beside the splits",
    )
    parser.set_defaults(run=_join)


def _join(options):
    if not os.path.isdir(options.folder):
        raise DataError(f"{options.folder}: is no folder; name the one that predictions are in")
    slices = {}
    for extension in _EXTENSIONS:
        for name in files_below(options.folder, (extension,)):
            found = _SLICE.match(os.path.splitext(os.path.basename(name))[0])
            if found:
                numbers = slices.setdefault(found.group("volume"), {})
                path = os.path.join(options.folder, name)
                other = numbers.setdefault(int(found.group("number")), path)
                if os.path.dirname(other) != os.path.dirname(path):
                    raise DataError(f"{other} and {path}: are of one slice; name one folder only")
    if not slices:
        raise DataError(
            f"{options.folder}: holds no file such as P7_s0042.npy, of {', '.join(_EXTENSIONS)}"
        )
    jobs = [(name, numbers, options) for name, numbers in sorted(slices.items())]
    return run_jobs(_join_one, jobs, "volumes")


def _join_one(job):
    name, paths, options = job
    place = os.path.join(options.volumes, f"{name}.json")
    try:
        with open(place, encoding="utf-8") as file:
            known = json.load(file)
        shape, axis, affine = tuple(known["shape"]), known["axis"], np.array(known["affine"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SkippedError(f"{place}: cannot be read ({reason_of(error)})") from None
    missing = sorted(set(range(shape[axis])) - set(paths))
    if missing:
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise SkippedError(f"{name}: slice {missing[0]:04d}{more} of {shape[axis]} is missing")
    expected = tuple(side for number, side in enumerate(shape) if number != axis)[::-1]
    pictures = [_read(paths[number], expected) for number in range(shape[axis])]
    if len({picture.shape for picture in pictures}) > 1:
        raise SkippedError(f"{name}: slices have different numbers of channels")
    # [slice, row, column, channels] to [slice, the other axes in their order, channels].
    volume = np.moveaxis(np.stack(pictures).swapaxes(1, 2), 0, axis)
    volume = volume[..., 0] if volume.shape[-1] == 1 else volume
    target = os.path.join(options.out, f"{name}.nii.gz")
    write_bytes(target, encode_nifti(volume, affine))


def _read(path, expected):
    """Reads a slice: [rows, columns, channels]."""
    try:
        rows = open_rows(path)
        if rows is not None:
            picture = rows.rows(0, rows.shape[0])
            rows.close()
        else:
            with Image.open(path) as stored:
                picture = np.asarray(stored)
    except Exception as error:  # The readers raise all kinds on bytes they do not expect.
        if outage_of(error):
            raise
        raise SkippedError(f"{path}: {reason_of(error)}") from None
    if picture.shape[:2] != expected:
        raise SkippedError(
            f"{path}: is {picture.shape[0]}x{picture.shape[1]} (height x width), its slice was "
            f"{expected[0]}x{expected[1]}; predict with --keep_size, or --tile"
        )
    return picture.reshape([*expected, -1])
