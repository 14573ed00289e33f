"""Which files are joined to an input: those of one name, and the slices around them."""

import os

from estimator.errors import OptionsError
from estimator.trained.input_pictures import find_pictures
from input_fn import DataError, match_all, with_neighbours

_FLAG = "--input"


def named_patterns(values):
    """Reads the values of `--input`.

    Args:
        values: List of them as typed.

    Returns:
        Dict of input's name to pattern; of a single value without a name, "" to it.

    Raises:
        OptionsError: There are several and they are not named, each differently.
    """
    named = {}
    for value in values:
        name, separator, pattern = value.partition("=")
        is_plain = not separator or (len(values) == 1 and os.path.exists(value))
        name, pattern = ("", value) if is_plain else (name, pattern)
        if name in named or (name == "" and len(values) > 1):
            raise OptionsError(
                f"{_FLAG} {value}: of several each has the name of an input of its own; write "
                f"{_FLAG}=NAME=FILE|DIR|GLOB"
            )
        named[name] = pattern
    return named


def find_joined(named, pair_format):
    """Finds the files that are joined to each input.

    Args:
        named: From `named_patterns`.
        pair_format: The network's `PairFormat`, with `inputs`.

    Returns:
        List of tuples of paths, in the order of `pair_format.channels_of_input_files`; the first is
        that which the result is named after.

    Raises:
        OptionsError: The names are not those of the network's inputs.
        DataError: A file has no partner, or there are none.
    """
    inputs, folders = pair_format.inputs, pair_format.folders
    if list(named) == [""] and len(inputs) == 1:
        named = {inputs[0]: named[""]}
    if set(named) != set(inputs):
        wanted = " ".join(f"{_FLAG}={name}=DIR" for name in inputs)
        raise OptionsError(
            f"{_FLAG}: this network joins the inputs {', '.join(inputs)}; use {wanted}"
        )
    if folders.neighbours and any(os.path.isfile(pattern) for pattern in named.values()):
        raise OptionsError(
            f"{_FLAG}: this network sees the slices before and after as well; name their "
            "folder, or a pattern"
        )
    found = [find_pictures(named[name]) for name in inputs]
    if all(len(paths) == 1 for paths in found):
        rows = [tuple(paths[0] for paths in found)]  # Files of whatever names.
    else:
        rows = _rows(found, inputs)
    names = [os.path.basename(row[0]) for row in rows]
    try:
        series = with_neighbours(names, folders.neighbours, folders.group)
    except DataError as error:
        raise DataError(f"{os.path.dirname(rows[0][0])}: {error}") from None
    return [
        tuple(rows[place][number] for number in range(len(inputs)) for place in places)
        for places in series
    ]


def files_of(picture):
    """Lists the files of a picture: a path, or a tuple of those that are joined."""
    return picture if isinstance(picture, tuple) else (picture,)


def _rows(found, inputs):
    by_name = [{os.path.basename(path): path for path in paths} for paths in found]
    matches = match_all([list(paths) for paths in by_name])
    if matches.lone:
        number, name, other = matches.lone[0]
        more = f" ({len(matches.lone) - 1} more have none)" if matches.lone[1:] else ""
        raise DataError(
            f"{by_name[number][name]}: has no partner of that name in {_FLAG} {inputs[other]}"
            f"{more}; add it or remove this one"
        )
    alike = [
        path for names, each in zip(by_name, found) for path in each if path not in names.values()
    ]
    if matches.ambiguous or alike:
        raise DataError(
            f"{(matches.ambiguous + alike)[0]}: another file of the same input has this name; "
            "rename or remove one of them"
        )
    return [tuple(paths[name] for paths, name in zip(by_name, names)) for names in matches.rows]
