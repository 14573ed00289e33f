"""What the page is told: page.json, and the examples beside it."""

import io

from PIL import Image

from estimator.page.kinds import PHOTO

VERSION = 1
DESCRIPTION_FILE = "page.json"


def describe_page(note, seen, engine, title=None, error=None):
    """Says all that the page depends on.

    Args:
        note: Dict as `make_note` makes it.
        seen: `Seen` of the data.
        engine: Dict with `where`: "browser", as `web_engine` says it, or "server", with `address`,
            relative to the page's, which takes and gives pictures.
        title: Heading of the page; None for what the note says.
        error: Dict of how far the model's output is from the checkpoint's; None where it is not.

    Returns:
        Dict that JSON can hold.
    """
    look = seen.look
    palette = (
        []
        if look.palette is None
        else [
            {"name": name, "colour": [int(part) for part in colour]}
            for name, colour in zip(look.palette.names, look.palette.colours)
        ]
    )
    return {
        "version": VERSION,
        "title": title,
        "engine": engine,
        "note": note,
        "kind": look.kind,
        "palette": palette,
        "background": list(look.background),
        "examples": [
            {"file": file, "name": name} for file, name in zip(example_files(seen), seen.examples)
        ],
        "error": error,
    }


def example_files(seen):
    """Makes the examples' files.

    Args:
        seen: `Seen` of the data.

    Returns:
        Dict of name, relative to the page, to bytes, in the order of the examples. Their own names
        may be anything, and are not used for files.
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
