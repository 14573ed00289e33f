"""Which files of several folders belong together: those of the same name."""

import os
from typing import Dict, List, NamedTuple, Sequence, Tuple


class Matches(NamedTuple):
    """What `match_by_name` found; all are names as given.

    Attributes:
        pairs: (A, B), in A's order.
        only_a: Those of A without a partner.
        only_b: Those of B without a partner.
        ambiguous: Those that share their stem with another of their own folder.
    """

    pairs: List[Tuple[str, str]]
    only_a: List[str]
    only_b: List[str]
    ambiguous: List[str]


def match_by_name(names_a: Sequence[str], names_b: Sequence[str]) -> Matches:
    """Matches files by name, extension and case aside: 1.JPG and 1.png belong together.

    Args:
        names_a: Names of the files of A; they may have folders in front, which count.
        names_b: Names of the files of B.

    Returns:
        `Matches`.
    """
    by_stem_a, by_stem_b = _by_stem(names_a), _by_stem(names_b)
    ambiguous = [
        name
        for by_stem in (by_stem_a, by_stem_b)
        for names in by_stem.values()
        if len(names) > 1
        for name in names
    ]
    pairs, only_a = [], []
    for stem, names in by_stem_a.items():
        partners = by_stem_b.get(stem, [])
        if not partners:
            only_a.extend(names)
        elif len(names) == len(partners) == 1:
            pairs.append((names[0], partners[0]))
    only_b = [name for stem, names in by_stem_b.items() if stem not in by_stem_a for name in names]
    return Matches(pairs, only_a, only_b, ambiguous)


class Rows(NamedTuple):
    """What `match_all` found; all are names as given.

    Attributes:
        rows: For each file of the first list that has all partners, the tuple of all, in the first
            list's order.
        lone: (number of its list, name, number of a list that lacks it) of those without a partner.
        ambiguous: Those that share their stem with another of their own list.
    """

    rows: List[Tuple[str, ...]]
    lone: List[Tuple[int, str, int]]
    ambiguous: List[str]


def match_all(lists: Sequence[Sequence[str]]) -> Rows:
    """Matches the files of any number of folders by name, as `match_by_name` does those of two.

    Args:
        lists: Names of the files of each folder.

    Returns:
        `Rows`.
    """
    by_stems = [_by_stem(names) for names in lists]
    ambiguous = [
        name
        for by_stem in by_stems
        for names in by_stem.values()
        if len(names) > 1
        for name in names
    ]
    lone = [
        (number, name, other)
        for number, by_stem in enumerate(by_stems)
        for other, partners in enumerate(by_stems)
        for stem, names in by_stem.items()
        if stem not in partners
        for name in names
    ]
    rows = [
        tuple(by_stem[stem][0] for by_stem in by_stems)
        for stem in by_stems[0]
        if all(len(by_stem.get(stem, ())) == 1 for by_stem in by_stems)
    ]
    return Rows(rows, lone, ambiguous)


def _by_stem(names: Sequence[str]) -> Dict[str, List[str]]:
    stems: Dict[str, List[str]] = {}
    for name in names:
        stems.setdefault(os.path.splitext(name)[0].lower(), []).append(name)
    return stems
