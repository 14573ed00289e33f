"""`synth`: made-up facades, so that nothing has to be downloaded."""

import os

from input_fn.errors import DataError
from input_fn.synthetic.pairs import SMALLEST_SIDE, split_seed, write_pair
from input_fn.tools.arguments import count_from, parse_size
from input_fn.tools.jobs import run_jobs


def add_command(commands):
    """Adds `synth`."""
    parser = commands.add_parser("synth", help="make up facades, photo|labels, to try things with")
    parser.add_argument("out", metavar="OUT", help="folder to write train/ and val/ to")
    count = {"type": count_from(0), "metavar": "N"}
    parser.add_argument("--train", **count, default=400, help="pairs (default: 400)")
    parser.add_argument("--val", **count, default=100, help="pairs (default: 100)")
    parser.add_argument(
        "--size", type=parse_size, default=(256, 256), metavar="HxW", help="(default: 256)"
    )
    parser.add_argument(
        "--seed", type=count_from(0), default=0, metavar="N", help="other seeds, others"
    )
    parser.set_defaults(run=_synth)


def _synth(options):
    if min(options.size) < SMALLEST_SIDE:
        raise DataError(f"--size: sides must be at least {SMALLEST_SIDE}")
    jobs = []
    for split in ("train", "val"):
        folder = os.path.join(options.out, split)
        count = getattr(options, split)
        if count:
            os.makedirs(folder, exist_ok=True)
        seed = split_seed(options.seed, split)
        jobs += [(folder, number, seed, *options.size) for number in range(1, count + 1)]
    return run_jobs(_make, jobs, "pairs")


def _make(job):
    write_pair(*job)
