"""What the page is told: page.json."""

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
    """Names the examples' files, relative to the page: what a picture is called may be anything."""
    return [f"examples/{number}.png" for number in range(1, len(seen.examples) + 1)]
