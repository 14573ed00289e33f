"""`grey`: photos to pairs grey|photo."""

from input_fn.tools.each_picture import add_folder_command, jobs_of
from input_fn.tools.jobs import run_jobs
from input_fn.tools.pictures import is_lossless, open_picture, save_picture, side_by_side


def add_command(commands):
    """Adds `grey`."""
    add_folder_command(commands, "grey", _grey, "pairs grey|photo, for colorization")


def _grey(options):
    return run_jobs(_grey_of, jobs_of(options), "pairs")


def _grey_of(job):
    path, stem = job
    photo = open_picture(path).convert("RGB")
    save_picture(side_by_side(photo.convert("L"), photo), stem, is_lossless(path))
