"""What the page is told: page.json."""

VERSION = 1
DESCRIPTION_FILE = "page.json"


def describe_page(note, seen, engine, examples, title=None, error=None):
    """Says all that the page depends on.

    Args:
        note: Dict as `make_note` makes it; of it `pair_format` and `step` have to be there.
        seen: `Seen` of the data.
        engine: Dict. `where` is "browser": then `model` and `runtime` are files, as the web export
            has them, and `bits` and `bytes` say how the model is stored. Or `where` is "server":
            then `address`, relative to the page's, takes pictures by POST and gives PNG files.
        examples: Names of the examples' files, relative to the page's address.
        title: Heading of the page; None for the page's own.
        error: Dict of `mean` and `worst`, how far outputs are from the checkpoint's, in levels of
            255; None where they are not.

    Returns:
        Dict that JSON can hold.
    """
    palette = seen.look.palette
    colours = () if palette is None else zip(palette.names, palette.colours)
    return {
        "version": VERSION,
        "title": title,
        "engine": engine,
        "note": note,
        "kind": seen.look.kind,
        "palette": [
            {"name": name, "colour": [int(part) for part in colour]} for name, colour in colours
        ],
        "background": list(seen.look.background),
        "examples": [{"file": file, "name": name} for file, name in zip(examples, seen.examples)],
        "error": error,
    }
