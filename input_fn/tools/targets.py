"""Where a command writes to: never over what it reads, and never twice to one file."""

import os

from input_fn.errors import DataError
from input_fn.tools.pictures import is_lossless


def check_targets(sources, stems, folders):
    """Refuses to write among the pictures that are read, or two pictures to one file.

    Args:
        sources: The pictures' paths.
        stems: In the same order, the paths to write to, less extension.
        folders: The folders that pictures are read from, subfolders included.

    Raises:
        DataError: It would; nothing is written yet.
    """
    roots = [(folder, os.path.realpath(folder)) for folder in folders]
    for place in sorted({os.path.dirname(stem) for stem in stems}):
        resolved = os.path.realpath(place)
        for folder, root in roots:
            if os.path.commonpath([root, resolved]) == root:
                raise DataError(
                    f"{place}: lies within {folder}, whose pictures would be written over or "
                    "mixed with others; name a folder outside of it to write to"
                )
    taken = {}
    for source, stem in zip(sources, stems):
        other = taken.setdefault((stem, is_lossless(source)), source)
        if other != source:
            raise DataError(f"{other} and {source}: would both become one file; rename one of them")
