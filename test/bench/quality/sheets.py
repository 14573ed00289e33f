"""Rows of pictures: input, target, and what each recipe made of it."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from quality.pictures import names_of, read_triple

_HEAD = 16
_GAP = 4


def draw_rows(places, count):
    """Draws some pairs, spread over all that there are.

    Args:
        places: Dict of a column's title to the folder of a test phase.
        count: Rows, at most.

    Returns:
        Bytes of a PNG file.

    Raises:
        RunError: A picture is missing or damaged.
    """
    folders = list(places.values())
    common = set.intersection(*(set(names_of(folder)) for folder in folders))
    names = [name for name in names_of(folders[0]) if name in common]
    chosen = np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int)
    rows = []
    for number in chosen:
        triples = [read_triple(folder, names[number]) for folder in folders]
        rows.append([triples[0].input, triples[0].target, *(each.output for each in triples)])
    height, width = rows[0][0].shape[:2]
    titles = ["input", "target", *places]
    size = (len(titles) * (width + _GAP) - _GAP, _HEAD + len(rows) * (height + _GAP) - _GAP)
    sheet = Image.new("RGB", size, "white")
    canvas, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for column, title in enumerate(titles):
        left = column * (width + _GAP)
        # A font of fixed width, of 6 pixels: what is longer would run into the next column.
        canvas.text((left + 2, 2), title[: width // 6], "black", font)
        for row, pictures in enumerate(rows):
            pixels = pictures[column]
            pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
            sheet.paste(Image.fromarray(pixels), (left, _HEAD + row * (height + _GAP)))
    content = io.BytesIO()
    sheet.save(content, "PNG")
    return content.getvalue()
