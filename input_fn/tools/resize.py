"""`resize`: pictures, or both halves of pairs, to a size."""

from PIL import Image, ImageOps

from input_fn.tools.arguments import parse_size
from input_fn.tools.each_picture import add_folder_command, jobs_of
from input_fn.tools.jobs import run_jobs
from input_fn.tools.pictures import is_lossless, open_picture, save_picture, side_by_side

_FILTERS = {"smooth": Image.LANCZOS, "nearest": Image.NEAREST}


def add_command(commands):
    """Adds `resize`."""
    parser = add_folder_command(
        commands, "resize", _resize, "bring pictures, or both halves of pairs, to a size"
    )
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


def _resize(options):
    jobs = jobs_of(options, options.size, options.mode, options.pairs, options.filter)
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
