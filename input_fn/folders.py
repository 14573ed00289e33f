"""Folders of their own for what makes a pair, with the layout "folders": which hold what."""

import os
import re
from dataclasses import dataclass
from typing import Optional, Tuple

from input_fn.errors import DataError


@dataclass(frozen=True)
class Folders:
    """Which subfolders of a split make a pair.

    Attributes:
        inputs: Names of those whose pictures are joined to the input, as channels.
        target: Name of that of the targets.
        neighbours: So many slices before and after are joined to each input as well.
        group: Regular expression: only slices whose names agree in what it finds, or in its first
            group, are neighbours; None: those whose names agree up to their last number.
    """

    inputs: Tuple[str, ...] = ("A",)
    target: str = "B"
    neighbours: int = 0
    group: Optional[str] = None

    @property
    def names(self):
        """The names of all, the inputs' first."""
        return (*self.inputs, self.target)

    @property
    def files_of_input(self):
        """Number of files of each input: the slice and its neighbours."""
        return 1 + 2 * self.neighbours

    @property
    def description(self):
        """What they are, in words for a message."""
        words = f"{','.join(self.inputs)} to {self.target}"
        if not self.neighbours:
            return words
        return f"{words} with {self.neighbours} neighbour(s), grouped by {self.group or 'name'}"


def with_neighbours(names, number, group=None):
    """Finds for each slice of a series the slices before and after it.

    They follow each other by the last number in their names, gaps aside; at an end the last slice
    that there is stands for those beyond it.

    Args:
        names: Of the slices' files, without folder.
        number: How many before, and as many after.
        group: As of `Folders`.

    Returns:
        List of tuples of positions in `names`, for each slice: itself, the one before, the one
        after, the second before and so on.

    Raises:
        DataError: A name has no number, `group` finds nothing in it, or two of a group have one
            number; the message names the file without its folder.
    """
    if not number:
        return [(position,) for position in range(len(names))]
    series = {}
    for position, name in enumerate(names):
        key, place = _key_and_place(name, group)
        slices = series.setdefault(key, {})
        if place in slices:
            raise DataError(
                f"{name}: has the number {place}, as {names[slices[place]]} has; `neighbours` are "
                "found by the last number in the name, within `group`; set `group`, or rename one"
            )
        slices[place] = position
    found = {}
    for slices in series.values():
        order = [slices[place] for place in sorted(slices)]
        for place, position in enumerate(order):
            steps = [step for away in range(1, number + 1) for step in (-away, away)]
            around = [order[min(max(place + step, 0), len(order) - 1)] for step in steps]
            found[position] = (position, *around)
    return [found[position] for position in range(len(names))]


def _key_and_place(name, group):
    stem = os.path.splitext(name)[0]
    numbers = list(re.finditer("[0-9]+", stem))
    if not numbers:
        raise DataError(f"{name}: has no number in its name, by which `neighbours` are found")
    last = numbers[-1]
    if group is None:
        return stem[: last.start()] + "#" + stem[last.end() :], int(last.group())
    pattern = re.compile(group)
    match = pattern.search(name)
    if match is None:
        raise DataError(f"{name}: has nothing in its name that `group` {group} finds")
    return match.group(1 if pattern.groups else 0), int(last.group())
