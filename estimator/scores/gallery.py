"""A page of rows input | output | target, to be opened from the file system."""

import html
import math
import urllib.parse

_PAGE = r"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.4 sans-serif; margin: 1.5em; color: #222; background: #fff; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 4px 8px; text-align: left; vertical-align: top; }}
thead th {{ position: sticky; top: 0; background: #fff; border-bottom: 1px solid #999; }}
th button {{ font: inherit; font-weight: bold; border: 0; padding: 0; background: none; }}
th button {{ cursor: pointer; white-space: nowrap; }}
th button::after {{ content: " \25b4\25be"; color: #aaa; }}
th[aria-sort=ascending] button::after {{ content: " \25b4"; color: #222; }}
th[aria-sort=descending] button::after {{ content: " \25be"; color: #222; }}
.score {{ text-align: right; font-variant-numeric: tabular-nums; }}
img {{ display: block; max-width: 256px; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{caption}</p>
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
<script>
"use strict";
const body = document.querySelector("tbody");
document.querySelectorAll("th button").forEach((button) => {{
  button.addEventListener("click", () => {{
    const head = button.parentElement;
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    document.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const value = (row) => Number(row.cells[head.cellIndex].dataset.value);
    Array.from(body.rows)
      .sort((a, b) => sign * (value(a) > value(b) ? 1 : value(a) < value(b) ? -1 : 0))
      .forEach((row) => body.append(row));
  }});
}});
</script>
</body>
</html>
"""
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
    return _PAGE.format(
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
