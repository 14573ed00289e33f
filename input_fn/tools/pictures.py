"""`resize`, `edges`, `grey` and `blank`: pictures to other sizes, and photos to pairs."""

import argparse
import os
import random
import zlib

from PIL import Image, ImageChops, ImageFilter, ImageOps

from input_fn.tools.jobs import (
    find_pictures,
    is_lossless,
    open_picture,
    parse_size,
    run_jobs,
    save_picture,
    side_by_side,
)

_FILTERS = {"smooth": Image.LANCZOS, "nearest": Image.NEAREST}
_BLUR = 1.0  # Pixels; keeps the noise of photos from being taken for edges.
_WHITE = 255


def _add(commands, name, run, help_text):
    parser = commands.add_parser(name, help=help_text)
    parser.add_argument("folder", metavar="DIR", help="folder of pictures; subfolders are kept")
    parser.add_argument("out", metavar="OUT", help="folder to write to")
    parser.set_defaults(run=run)
    return parser


def _jobs(options, *more):
    return [
        (
            os.path.join(options.folder, name),
            os.path.join(options.out, os.path.splitext(name)[0]),
            *more,
        )
        for name in find_pictures(options.folder)
    ]


def add_resize(commands):
    """Adds `resize`."""
    parser = _add(commands, "resize", _resize, "bring pictures, or both halves of pairs, to a size")
    parser.add_argument(
        "--size", type=parse_size, required=True, metavar="HxW", help="of a picture, or of a half"
    )
    parser.add_argument(
        "--mode",
        choices=("stretch", "crop", "pad"),
        default="stretch",
        help="stretch to the very size; or keep the proportions and crop, or pad with black",
    )
    parser.add_argument("--pairs", action="store_true", help="files are A|B: resize each half")
    parser.add_argument(
        "--filter",
        choices=tuple(_FILTERS),
        default="smooth",
        help="nearest keeps the colours of label maps",
    )
    parser.set_defaults(run=_resize)


def _resize(options):
    jobs = _jobs(options, options.size, options.mode, options.pairs, options.filter)
    return run_jobs(_resize_one, jobs, "pictures")


def _resize_one(job):
    path, stem, (height, width), mode, pairs, filter_name = job
    picture = open_picture(path)
    half = picture.width // 2
    boxes = [(0, 0, half, picture.height), (half, 0, 2 * half, picture.height)]
    parts = [picture.crop(box) for box in boxes] if pairs else [picture]
    resample, size = _FILTERS[filter_name], (width, height)
    if mode == "stretch":
        parts = [part.resize(size, resample) for part in parts]
    elif mode == "crop":
        parts = [ImageOps.fit(part, size, resample) for part in parts]
    else:
        parts = [ImageOps.pad(part, size, resample) for part in parts]
    result = side_by_side(*parts) if pairs else parts[0]
    save_picture(result, stem, is_lossless(path))


def add_edges(commands):
    """Adds `edges`."""
    parser = _add(commands, "edges", _edges, "pairs photo|edges: black lines on white")
    parser.add_argument(
        "--threshold",
        type=_level,
        default=40,
        metavar="N",
        help="how strong an edge has to be, 1 to 254 (default: 40)",
    )


def _edges(options):
    return run_jobs(_edges_of, _jobs(options, options.threshold), "pairs")


def _edges_of(job):
    path, stem, threshold = job
    photo = open_picture(path).convert("RGB")
    smooth = photo.convert("L").filter(ImageFilter.GaussianBlur(_BLUR))
    # The gradient by differences of neighbours, in both directions; a border has none.
    steps = [
        ImageChops.difference(smooth, ImageChops.offset(smooth, *shift))
        for shift in ((1, 0), (0, 1))
    ]
    strength = ImageChops.add(*steps, scale=0.5)
    lines = strength.point([0 if level >= threshold else _WHITE for level in range(256)])
    # `offset` wraps around: the first row and column compare opposite borders.
    lines.paste(_WHITE, (0, 0, photo.width, 1))
    lines.paste(_WHITE, (0, 0, 1, photo.height))
    save_picture(side_by_side(photo, lines), stem, is_lossless(path))


def add_grey(commands):
    """Adds `grey`."""
    _add(commands, "grey", _grey, "pairs grey|photo, for colorization")


def _grey(options):
    return run_jobs(_grey_of, _jobs(options), "pairs")


def _grey_of(job):
    path, stem = job
    photo = open_picture(path).convert("RGB")
    save_picture(side_by_side(photo.convert("L"), photo), stem, is_lossless(path))


def add_blank(commands):
    """Adds `blank`."""
    parser = _add(commands, "blank", _blank, "pairs photo with a white hole|photo, for inpainting")
    parser.add_argument(
        "--hole", choices=("centre", "random"), default="centre", help="where it is"
    )
    parser.add_argument(
        "--share",
        type=_share,
        default=0.5,
        metavar="X",
        help="of the hole's sides to the photo's (default: 0.5)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of random holes")


def _blank(options):
    jobs = _jobs(options, options.hole, options.share, options.seed)
    return run_jobs(_blank_of, jobs, "pairs")


def _blank_of(job):
    path, stem, hole, share, seed = job
    photo = open_picture(path).convert("RGB")
    width, height = (max(1, round(side * share)) for side in photo.size)
    left, top = (photo.width - width) // 2, (photo.height - height) // 2
    if hole == "random":
        # Of the name, so that the place does not depend on which other files there are.
        place = random.Random(seed * 2**32 + zlib.crc32(os.path.basename(path).encode()))
        left, top = place.randint(0, 2 * left), place.randint(0, 2 * top)
    holed = photo.copy()
    holed.paste((_WHITE,) * 3, (left, top, left + width, top + height))
    save_picture(side_by_side(holed, photo), stem, is_lossless(path))


def _level(text):
    return _number(int, text, 1, 254)


def _share(text):
    return _number(float, text, 0.01, 0.99)


def _number(kind, text, low, high):
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is out of range; write {low} to {high}")
    return value
