"""A page of rows input | output | target, to be opened from the file system."""

import html
import math
import os
import string
import urllib.parse

_PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gallery.html")
_PICTURES = ("input", "output", "target")


def gallery_page(title, caption, rows, units):
    """Writes the page; a click on a score's head sorts by it, another one the other way.

    Args:
        title: Text.
        caption: Text on what was scored.
        rows: List of dicts of `name`, the relative paths `input`, `output`, `target`, and
            `scores`, a dict of name to number, the same names in each.
        units: Dict of score to what its head shows, in the columns' order.

    Returns:
        The HTML, which refers to nothing but the pictures.
    """
    heads = [_head("name", "name"), *(f"<th>{name}</th>" for name in _PICTURES)]
    heads += [_head(units[name], "score") for name in units]
    lines = [_row(number, row, units) for number, row in enumerate(rows)]
    with open(_PAGE, encoding="utf-8") as file:
        page = string.Template(file.read())
    return page.substitute(
        title=html.escape(title),
        caption=html.escape(caption),
        heads="".join(heads),
        rows="\n".join(lines),
    )


def _head(text, kind):
    return f'<th class="{kind}"><button type="button">{html.escape(text)}</button></th>'


def _row(number, row, units):
    # Names sort by their place, which is their natural order.
    cells = [f'<td class="name" data-value="{number}">{html.escape(row["name"])}</td>']
    for name in _PICTURES:
        address = html.escape(urllib.parse.quote(row[name]))
        label = html.escape(f"{name} of {row['name']}")
        cells.append(
            f'<td><a href="{address}"><img loading="lazy" src="{address}" alt="{label}"></a></td>'
        )
    for name in units:
        value = row["scores"][name]
        sortable = "Infinity" if math.isinf(value) else repr(value)
        cells.append(f'<td class="score" data-value="{sortable}">{value:.4f}</td>')
    return f"<tr>{''.join(cells)}</tr>"
