"""`check`: what is in a data set, and what is wrong with it."""

import json
import os
import sys
from collections import Counter

from input_fn.checks.faults import fault_of_files
from input_fn.checks.memory import inspect_groups, memory_folder
from input_fn.errors import DataError
from input_fn.files import write_json
from input_fn.listing import A_AND_B, list_pairs
from input_fn.pair_choices import LAYOUTS, SIDE_BY_SIDE, SINGLE
from input_fn.splits import SPLITS, has_split
from input_fn.tools.arguments import add_folder_flags, folders_of, parse_size

# A side is a label map, not a photo, if its frequent colours cover so much of what the most
# frequent one leaves. The facades' label maps, in JPEG, have 0.5, their photos 0.2.
_LABEL_SHARE = 0.4
# Colours as near as this in each channel are one class: JPEG does not keep them exactly.
_NEAR = 32
_SMALLEST_CLASS = 0.001
_SHOWN = 20


def add_command(commands):
    """Adds `check`."""
    parser = commands.add_parser("check", help="decode everything once and report what is there")
    parser.add_argument(
        "folder", metavar="DIR", help="data set with train/ and perhaps val/, test/"
    )
    parser.add_argument("--data_layout", choices=LAYOUTS, default=SIDE_BY_SIDE, help="of train.py")
    add_folder_flags(parser)
    parser.add_argument(
        "--image_size",
        type=parse_size,
        default=(256, 256),
        metavar="HxW",
        help="of train.py: files of this shape are single pictures, not pairs (default: 256)",
    )
    parser.add_argument("--json", metavar="FILE", help="write the report to FILE; - for the output")
    parser.set_defaults(run=_check)


def _check(options):
    splits = [split for split in SPLITS if has_split(options.folder, split)]
    if not splits:
        raise DataError(f"{options.folder}: has no folder train, val or test")
    folders = folders_of(options, options.data_layout)
    report = build_report(options.folder, splits, options.data_layout, options.image_size, folders)
    if options.json != "-":
        _print_table(report)
    if options.json == "-":
        json.dump(report, sys.stdout, indent=2)
        print()
    elif options.json:
        write_json(options.json, report)
    bad = sum(len(each["bad"]) for each in report["splits"].values())
    return 1 if bad or report["duplicates_across_splits"] else 0


def build_report(folder, splits, layout, image_size, folders=A_AND_B):
    """Inspects a data set.

    Args:
        folder: The data set.
        splits: Names of the splits that it has.
        layout: As of `PairFormat`.
        image_size: (height, width) of the pictures that the network takes.
        folders: `Folders`, with layout "folders".

    Returns:
        Dict that JSON can hold: for each of `splits` the number of pairs, `bad` (a line for each),
        counts of `sizes`, `modes` and `bits`, and `colours` of A and B where they are label maps
        (else None); `duplicates_within_splits` and `duplicates_across_splits`, lists of lists of
        files.
    """
    report, by_digest = {}, {}
    for split in splits:
        pairs = list_pairs(os.path.join(folder, split), None, layout, folders)
        inspected = inspect_groups(pairs.groups(), memory_folder(os.environ))
        if not inspected:
            raise DataError(f"{folder}/{split}: is packed; its pairs were checked in packing")
        report[split] = _report_split(inspected, layout, image_size, folders)
        for group, facts in inspected:
            # A pair is there twice if all its files are: label maps alone may well be alike.
            digests = tuple(each.digest for each in facts)
            if None not in digests:
                by_digest.setdefault(digests, []).append((split, group[0]))
    repeated = [found for found in by_digest.values() if len(found) > 1]
    across = [found for found in repeated if len({split for split, _ in found}) > 1]
    within = [found for found in repeated if found not in across]
    return {
        "splits": report,
        "duplicates_within_splits": [[path for _, path in found] for found in within],
        "duplicates_across_splits": [[path for _, path in found] for found in across],
    }


def _report_split(inspected, layout, image_size, folders):
    height, width = image_size
    faults = [fault_of_files(*pair, layout, width / height) for pair in inspected]
    sound = [each for _, facts in inspected for each in facts if each.fault is None]
    return {
        "pairs": len(inspected),
        "bad": [fault for fault in faults if fault],
        "sizes": _counted(f"{each.height}x{each.width}" for each in sound),
        "modes": _counted(f"{each.kind} {each.mode}" for each in sound),
        "bits": _counted(str(each.bits) for each in sound),
        "greatest_value": max((each.high for each in sound if each.high is not None), default=None),
        "colours": _colours_of_sides(inspected, layout, folders.names),
    }


def _counted(values):
    return dict(Counter(values).most_common())


def _colours_of_sides(inspected, layout, names):
    """Finds for A and B, by name, the colours of label maps, or None where they are photos."""
    sides = {}
    for _, facts in inspected if layout != SINGLE else ():
        # Side by side, each half of the one file is a picture of its own.
        is_split = layout == SIDE_BY_SIDE
        listed = [each.colours or () for each in facts]
        pictures = [(half,) for half in listed[0]] if is_split else listed
        for name, colours in zip(names, pictures):
            sides.setdefault(name, []).extend(colours)
    return {name: _class_colours(listed) for name, listed in sides.items()}


def _class_colours(listed):
    """Merges the frequent colours of many pictures; None if they are no label maps."""
    if not listed:
        return None
    covered = [_covered_beside_first(colours) for colours in listed]
    if sum(covered) / len(covered) < _LABEL_SHARE:
        return None
    total = Counter()
    for colours in listed:
        for colour, share in colours.items():
            total[colour] += share / len(listed)
    classes = {}
    for colour, share in total.most_common():
        near = next((known for known in classes if _is_near(known, colour)), colour)
        classes[near] = classes.get(near, 0.0) + share
    return {
        colour: round(share, 4) for colour, share in classes.items() if share >= _SMALLEST_CLASS
    }


def _is_near(first, second):
    channels = zip(bytes.fromhex(first), bytes.fromhex(second))
    return all(abs(one - other) <= _NEAR for one, other in channels)


def _covered_beside_first(colours):
    first = max(colours.values(), default=0.0)
    return 1.0 if first > 1 - 1e-6 else (sum(colours.values()) - first) / (1 - first)


def _print_table(report):
    for split, found in report["splits"].items():
        print(f"{split}: {found['pairs']} pairs, {len(found['bad'])} bad")
        for title in ("sizes", "modes", "bits"):
            counts = ", ".join(f"{value}: {count}" for value, count in found[title].items())
            mixed = " (mixed)" if len(found[title]) > 1 else ""
            print(f"  {title}{mixed}: {counts or 'none'}")
        if found["greatest_value"] is not None:
            print(
                f"  greatest value of 16-bit grey pictures and arrays: {found['greatest_value']:g}"
            )
        for side, colours in found["colours"].items():
            print(f"  {side}: {_described(colours)}")
        _print_some(found["bad"], "  bad: ")
    for title in ("across", "within"):
        files = report[f"duplicates_{title}_splits"]
        print(f"the same pair {title} splits: {len(files)}")
        _print_some([" = ".join(paths) for paths in files], "  ")


def _described(colours):
    if colours is None:
        return "photos"
    shown = ", ".join(f"{colour} {share:.1%}" for colour, share in list(colours.items())[:_SHOWN])
    return f"label maps of {len(colours)} colours: {shown}"


def _print_some(lines, prefix):
    for line in lines[:_SHOWN]:
        print(prefix + line)
    if len(lines) > _SHOWN:
        print(f"{prefix}and {len(lines) - _SHOWN} more")
