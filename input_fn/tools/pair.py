"""`pair`: the pictures of two folders to pairs A|B."""

import os

from input_fn.errors import DataError
from input_fn.matching import match_by_name
from input_fn.tools.jobs import SkippedError, run_jobs
from input_fn.tools.pictures import (
    find_pictures,
    is_lossless,
    open_picture,
    save_picture,
    side_by_side,
)
from input_fn.tools.targets import check_targets


def add_command(commands):
    """Adds `pair`."""
    parser = commands.add_parser(
        "pair", help="join the pictures of two folders to A|B, by name, extension and case aside"
    )
    parser.add_argument("a", metavar="A", help="folder of A; subfolders such as train/ are kept")
    parser.add_argument("b", metavar="B", help="folder of B")
    parser.add_argument("out", metavar="OUT", help="folder to write to")
    parser.set_defaults(run=_pair)


def _pair(options):
    matches = match_by_name(find_pictures(options.a), find_pictures(options.b))
    skipped = [f"{os.path.join(options.a, name)}: has no partner in B" for name in matches.only_a]
    skipped += [f"{os.path.join(options.b, name)}: has no partner in A" for name in matches.only_b]
    skipped += [f"{name}: several files have this name" for name in matches.ambiguous]
    if not matches.pairs:
        raise DataError(
            f"{options.a}: no file has the name of one in {options.b} (extension and case aside); "
            "nothing was written"
        )
    jobs = [
        (
            os.path.join(options.a, a),
            os.path.join(options.b, b),
            os.path.join(options.out, os.path.splitext(a)[0]),
        )
        for a, b in matches.pairs
    ]
    check_targets([a for a, _, _ in jobs], [stem for _, _, stem in jobs], [options.a, options.b])
    return run_jobs(_join, jobs, "pairs", skipped)


def _join(job):
    path_a, path_b, stem = job
    a, b = open_picture(path_a), open_picture(path_b)
    if a.size != b.size:
        raise SkippedError(
            f"{path_a}: is {a.width}x{a.height} pixels, but {path_b} is {b.width}x{b.height}; "
            "resize one of them first"
        )
    save_picture(side_by_side(a, b), stem, is_lossless(path_a, path_b))
