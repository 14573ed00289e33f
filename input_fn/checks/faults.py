"""Finds the files that would stop a training run, before it starts."""

from typing import List, NamedTuple, Optional

from input_fn.checks.facts import turned_of
from input_fn.checks.memory import inspect_groups
from input_fn.checks.survey import survey_pairs
from input_fn.checks.unchanged import Unchanged
from input_fn.decoding import ARRAYS, NPY
from input_fn.errors import DataError
from input_fn.pair_choices import SIDE_BY_SIDE
from input_fn.pairs import Pairs
from input_fn.tiff import fitting_channels

_MASKED = (
    "no pixel of the pair counts, by `nodata`, `alpha` or `weights`; remove it, or look at what "
    "says so"
)
# A little over the type's range is rounding, not another scale.
_TOLERANCE = 1e-3


class Checked(NamedTuple):
    """What `check_pairs` found.

    Attributes:
        pairs: `Pairs`: the good ones, in their order.
        bad: For each bad pair, one line that names a file and says what is wrong with it.
    """

    pairs: Pairs
    bad: List[str]


def check_pairs(
    pairs: Pairs, pair_format, skip_bad: bool = False, memory: Optional[str] = None
) -> Checked:
    """Checks that files are whole and fit the format, by decoding each once.

    Args:
        pairs: `Pairs`, from `list_pairs`. Packed ones were checked when they were packed, but for
            the number of their channels, of which examples are looked at.
        pair_format: The `PairFormat`.
        skip_bad: Whether bad pairs are left out instead of refused.
        memory: Folder where to remember what was found, so that only files that are new or have
            changed since are decoded; None: nowhere.

    Returns:
        `Checked`, whose pairs know of which files some are to be turned upright.

    Raises:
        DataError: Some pair is bad and `skip_bad` is not set, or all are. The message names the
            first in the order of `pairs`, and how many more; `others` has those.
    """
    count = len(pairs)
    good, bad, turned = _judge(pairs.groups(), pair_format, memory)
    for places, facts in pairs.known_facts():
        line = _fault_of_channels(places, facts, pair_format)
        if line is not None:
            raise DataError(line)
    _refuse_bad(bad, count, skip_bad and good)
    pairs = pairs.choose(good) if bad else pairs
    pairs = pairs.with_turned(turned) if turned else pairs
    if pair_format.has_weights:
        masked = survey_pairs(pairs, pair_format, memory=memory).masked
        lines = [f"{pairs.place(number, 0)}: {_MASKED}" for number in masked]
        _refuse_bad(lines, count, skip_bad and len(masked) < len(pairs))
        if masked:
            pairs = pairs.choose(sorted(set(range(len(pairs))) - set(masked)))
        bad += lines
    return Checked(pairs, bad)


def _judge(groups, pair_format, memory):
    """Returns positions of the good pairs, a line for each bad one, and what `turned_of` says."""
    unchanged = Unchanged(groups, memory if groups else None)
    kinds = unchanged.recall()
    if kinds and not any(fault_of_pair(groups[0], facts, pair_format) for facts in kinds):
        return range(len(groups)), [], set().union(*map(turned_of, kinds))
    good, bad, turned = [], [], set()
    inspected = inspect_groups(groups, memory)
    for position, (group, facts) in enumerate(inspected):
        line = fault_of_pair(group, facts, pair_format)
        if line is None:
            good.append(position)
            turned |= turned_of(facts)
        else:
            bad.append(line)
    unchanged.remember([facts for _, facts in inspected])
    return good, bad, turned


def _refuse_bad(lines, count, may_go_on):
    if lines and not may_go_on:
        more = f" ({len(lines) - 1} more of the {count} files are bad)" if lines[1:] else ""
        raise DataError(lines[0] + more, lines[1:])


def fault_of_pair(paths, facts, pair_format):
    """Says what is wrong with a pair.

    Args:
        paths: The pair's files.
        facts: `Facts` of each.
        pair_format: The `PairFormat`.

    Returns:
        One line that names the file, what was found and what would work; None if all is well.
    """
    height, width = pair_format.fine_size
    half_aspect = width / height if pair_format.resize == "stretch" else None
    fault = fault_of_files(paths, facts, pair_format.layout, half_aspect, pair_format.nodata)
    return fault or _fault_of_channels(paths, facts, pair_format)


def _fault_of_channels(paths, facts, pair_format):
    if pair_format.lab:
        return None
    countings = pair_format.counting_of_files
    for path, found, channels, counting in zip(
        paths, facts, pair_format.channels_of_files, countings
    ):
        further = counting is not None and counting.drops_last
        for count in channels:
            misfit = (
                _array_misfit(found, count + further, pair_format)
                if found.kind in ARRAYS
                else _picture_misfit(found, count, pair_format.alpha, further)
            )
            if misfit:
                return f"{path}: {misfit}"
    if pair_format.has_weight_files and facts[-1].kind in ARRAYS and facts[-1].channels != 1:
        return f"{paths[-1]}: holds {facts[-1].channels} channels; weights are one"
    return None


def fault_of_files(paths, facts, layout, half_aspect=None, nodata=()):
    """Says what is wrong with the files of a pair, whatever their channels are to be.

    Args:
        paths: The pair's files.
        facts: `Facts` of each.
        layout: As of `PairFormat`.
        half_aspect: Width divided by height of the pictures that the network takes. A file that
            has this shape as a whole (within 2 %) is taken for a single picture. None leaves this
            out.
        nodata: As of `PairFormat`.

    Returns:
        As `fault_of_pair`.
    """
    allows_nan = any(value != value for value in nodata)
    for number, (path, found) in enumerate(zip(paths, facts)):
        fault = found.fault
        if fault is None and found.has_nan and not allows_nan:
            fault = (
                "holds values that are not a number; replace them, or use `nodata` nan, with which "
                "their pixels do not count"
            )
        if fault is None and layout == SIDE_BY_SIDE and number == 0:
            fault = _fault_of_halves(found.width, found.height, half_aspect)
        if fault:
            return f"{path}: {fault}"
    together = "A and B" if len(paths) <= 2 else "all that are joined"
    # Weights beside A and B in one file are those of both halves.
    shares = [2 if layout == SIDE_BY_SIDE and number else 1 for number in range(len(facts))]
    sizes = [f"{found.width * share}x{found.height}" for found, share in zip(facts, shares)]
    for path, size in zip(paths, sizes):
        if size != sizes[0]:
            return (
                f"{paths[0]}: is {sizes[0]} pixels (width x height), but {path} is {size}; "
                f"{together} must have the same size"
            )
    return None


def _fault_of_halves(width, height, half_aspect):
    size = f"{width}x{height} pixels (width x height)"
    if width % 2:
        return (
            f"is {size}; an odd width does not split in two equal halves, A and B; make it an "
            "even number"
        )
    if half_aspect is not None and abs(width / height / half_aspect - 1) <= 0.02:
        return (
            f"is {size}, the shape of a single picture; A and B must stand side by side in one "
            "file twice as wide"
        )
    return None


def _array_misfit(facts, channels, pair_format):
    fitting = {facts.channels}
    if facts.kind != NPY:
        fitting = fitting_channels(facts.channels, "".join(facts.mode.split()[1:]))
    if channels not in fitting:
        return (
            f"holds {facts.channels} channel(s) where {channels} are asked for; set "
            "`input_channels` and `output_channels` to what the files have"
        )
    # The least and the greatest value may be those that stand for no data.
    is_unscaled = not (pair_format.value_range or pair_format.nodata) and facts.mode.startswith(
        "float"
    )
    if is_unscaled and (facts.low < -_TOLERANCE or facts.high > 1 + _TOLERANCE):
        return (
            f"holds values from {facts.low:g} to {facts.high:g}, and floats are taken for 0 to 1; "
            f"scale them, or use `value_range` {facts.low:g},{facts.high:g}"
        )
    return None


def _picture_misfit(facts, channels, alpha, has_weights):
    if has_weights:
        return (
            f"holds a {facts.kind} picture, and `weights` channel is the last one of a .npy or "
            "TIFF file; use `weights` pictures, or `alpha` mask"
        )
    if channels in (1, 3):
        return None
    if channels == 4:
        if alpha == "keep":
            return None
        return (
            f"holds a {facts.kind} picture, whose fourth channel is alpha; 4 channels need "
            "`alpha` keep, or .npy or TIFF files"
        )
    return (
        f"holds a {facts.kind} picture, which gives 1, 3 or 4 channels and not {channels}; save "
        "what has more or other channels as .npy or TIFF"
    )
