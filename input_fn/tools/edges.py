"""`edges`: photos to pairs photo|edges."""

from PIL import ImageChops, ImageFilter

from input_fn.tools.arguments import number_between
from input_fn.tools.each_picture import add_folder_command, jobs_of
from input_fn.tools.jobs import run_jobs
from input_fn.tools.pictures import is_lossless, open_picture, save_picture, side_by_side

_BLUR = 1.0  # Pixels; keeps the noise of photos from being taken for edges.
_WHITE = 255


def add_command(commands):
    """Adds `edges`."""
    parser = add_folder_command(
        commands, "edges", _edges, "pairs photo|edges: black lines on white"
    )
    parser.add_argument(
        "--threshold",
        type=number_between(int, 1, 254),
        default=40,
        metavar="N",
        help="how strong an edge has to be, 1 to 254 (default: 40)",
    )


def _edges(options):
    return run_jobs(_edges_of, jobs_of(options, options.threshold), "pairs")


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
