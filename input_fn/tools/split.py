"""`split`: pairs to train, val and test."""

import os
import random
import re
import shutil

from input_fn.errors import DataError
from input_fn.files import write_whole
from input_fn.matching import match_all
from input_fn.picture_names import EXTENSIONS
from input_fn.tools.arguments import (
    add_folder_flags,
    folders_of,
    number_between,
    parse_pattern,
)
from input_fn.tools.jobs import run_jobs
from input_fn.tools.pictures import OTHERS, files_below, find_pictures
from input_fn.tools.targets import check_targets


def add_command(commands):
    """Adds `split`."""
    parser = commands.add_parser("split", help="share pairs out among train, val and test")
    parser.add_argument("folder", metavar="DIR", help="folder of pairs, or of the folders A and B")
    parser.add_argument("out", metavar="OUT", help="folder to copy them to")
    add_folder_flags(parser)
    add_share_flags(
        parser,
        "files whose names agree in what this finds (or in its first group) stay together: "
        "'^(.*)_tile' for the tiles of a photo",
    )
    parser.set_defaults(run=_split)


def add_share_flags(parser, group_help):
    """Adds the flags of sharing out; `shares_of` and `share_out` take what they say.

    Args:
        parser: Of a command.
        group_help: What `--group` does.
    """
    share = {"type": number_between(float, 0, 1), "metavar": "X"}
    parser.add_argument("--train", **share, default=0.8, help="share (default: 0.8)")
    parser.add_argument("--val", **share, default=0.1, help="share (default: 0.1)")
    parser.add_argument("--test", **share, default=0.1, help="share (default: 0.1)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the order")
    parser.add_argument(
        "--group",
        type=parse_pattern,
        metavar="REGEX",
        help=group_help,
    )


def shares_of(options):
    """Gives the share of each split, a dict.

    Raises:
        DataError: They do not add up to 1.
    """
    shares = {"train": options.train, "val": options.val, "test": options.test}
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        raise DataError(f"--train, --val and --test add up to {total:g}; they must add up to 1")
    return shares


def _split(options):
    shares = shares_of(options)
    sides = folders_of(options).names
    if options.inputs is None and not all(
        os.path.isdir(os.path.join(options.folder, side)) for side in sides
    ):
        sides = ()
    names, copies, skipped = _names_and_copies(options.folder, sides)
    group = None if options.group is None else re.compile(options.group)
    shared_out = share_out(names, shares, options.seed, group)
    jobs = [
        (source, os.path.join(options.out, split, relative))
        for split, chosen in shared_out.items()
        for name in chosen
        for source, relative in copies[name]
    ]
    sources, targets = zip(*jobs)
    check_targets(sources, [os.path.splitext(target)[0] for target in targets], [options.folder])
    for split, chosen in shared_out.items():
        print(f"{split}: {len(chosen)}")
    return run_jobs(_copy, jobs, "files", skipped)


def _copy(job):
    source, target = job
    write_whole(target, lambda path: shutil.copyfile(source, path))


def _names_and_copies(folder, sides):
    """Lists names to be shared out, and for each its files: (path, name in the split)."""
    if not sides:
        names = find_pictures(folder, EXTENSIONS)
        copies = {name: [(os.path.join(folder, name), os.path.basename(name))] for name in names}
        taken = {}
        for name in names:
            other = taken.setdefault(os.path.basename(name), name)
            if other != name:
                raise DataError(f"{name} and {other}: have the same name; rename one of them")
        return names, copies, _unreadable(folder)
    found = [find_pictures(os.path.join(folder, side), EXTENSIONS) for side in sides]
    matches = match_all(found)
    copies = {
        names[0]: [
            (os.path.join(folder, side, name), os.path.join(side, name))
            for side, name in zip(sides, names)
        ]
        for names in matches.rows
    }
    lone = dict.fromkeys(os.path.join(sides[number], name) for number, name, _ in matches.lone)
    skipped = [f"{os.path.join(folder, name)}: has no partner" for name in lone]
    skipped += [line for side in sides for line in _unreadable(os.path.join(folder, side))]
    return list(copies), copies, skipped


def _unreadable(folder):
    """Lists a line for each picture that would be of no use to training."""
    return [
        f"{os.path.join(folder, name)}: training reads {', '.join(EXTENSIONS)}; "
        "`prepare.py resize` and others make such files of it"
        for name in files_below(folder, tuple(set(OTHERS) - set(EXTENSIONS)))
    ]


def share_out(names, shares, seed, group=None):
    """Shares names out at random, groups of them as wholes.

    Args:
        names: Names.
        shares: Dict of split to fraction; they add up to 1.
        seed: Whole number from which the result follows.
        group: Compiled expression; names in which it finds the same belong together.

    Returns:
        Dict of split to list of names, in their order in `names`.
    """
    groups = {}
    for name in names:
        found = group.search(os.path.basename(name)) if group else None
        key = name if found is None else ("group", found.group(1 if group.groups else 0))
        groups.setdefault(key, []).append(name)
    order = list(groups.values())
    random.Random(seed).shuffle(order)
    chosen = {split: [] for split in shares}
    for members in order:
        # To the split that lacks most; the first of those that lack as much.
        lacking = {
            split: share * len(names) - len(chosen[split]) for split, share in shares.items()
        }
        chosen[max(lacking, key=lacking.get)].extend(members)
    position = {name: number for number, name in enumerate(names)}
    return {split: sorted(members, key=position.get) for split, members in chosen.items()}
