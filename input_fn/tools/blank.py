"""`blank`: photos to pairs photo with a hole|photo."""

import os
import random
import zlib

from input_fn.tools.arguments import number_between
from input_fn.tools.each_picture import add_folder_command, jobs_of
from input_fn.tools.jobs import run_jobs
from input_fn.tools.pictures import is_lossless, open_picture, save_picture, side_by_side

_WHITE = (255, 255, 255)


def add_command(commands):
    """Adds `blank`."""
    parser = add_folder_command(
        commands, "blank", _blank, "pairs photo with a white hole|photo, for inpainting"
    )
    parser.add_argument(
        "--hole", choices=("centre", "random"), default="centre", help="where it is"
    )
    parser.add_argument(
        "--share",
        type=number_between(float, 0.01, 0.99),
        default=0.5,
        metavar="X",
        help="of the hole's sides to the photo's (default: 0.5)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of random holes")


def _blank(options):
    jobs = jobs_of(options, options.hole, options.share, options.seed)
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
    holed.paste(_WHITE, (left, top, left + width, top + height))
    save_picture(side_by_side(holed, photo), stem, is_lossless(path))
