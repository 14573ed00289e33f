"""All files of a page but those of the model: its own, the examples, and what it is told."""

import io
import json
import os

from PIL import Image

from estimator.page.description import DESCRIPTION_FILE, describe_page
from estimator.page.kinds import PHOTO

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static")


def page_files(note, seen, engine, title=None, error=None):
    """Makes the files; the page itself is index.html.

    Args:
        note: As for `describe_page`; likewise the others.
        seen: `Seen` of the data.
        engine: See `note`.
        title: See `note`.
        error: See `note`.

    Returns:
        Dict of name, relative to the page's address, to bytes.
    """
    examples = example_files(seen)
    described = describe_page(note, seen, engine, list(examples), title, error)
    files = {**examples, DESCRIPTION_FILE: (json.dumps(described, indent=2) + "\n").encode("utf-8")}
    for name in sorted(os.listdir(_FOLDER)):
        with open(os.path.join(_FOLDER, name), "rb") as file:
            files[name] = file.read()
    return files


def example_files(seen):
    """Makes the examples' files.

    Args:
        seen: `Seen` of the data.

    Returns:
        Dict of name to bytes, in the order of the examples. Their own names may be anything, and
        are not used for files.
    """
    # JPEG would blur what is flat, and cannot hold transparency.
    ending, settings = (
        ("jpg", {"format": "JPEG", "quality": 95})
        if seen.look.kind == PHOTO and all(p.shape[-1] == 3 for p in seen.examples.values())
        else ("png", {"format": "PNG"})
    )
    files = {}
    for number, picture in enumerate(seen.examples.values(), start=1):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, **settings)
        files[f"examples/{number}.{ending}"] = buffer.getvalue()
    return files
