"""Curves as a picture: one panel to each score or loss, one line to each recipe."""

import io
import math

from PIL import Image, ImageDraw, ImageFont

_PANEL = (360, 240)
_COLUMNS = 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 24, 24
_LINE_HEIGHT = 16
_MOST_DOTS = 30
# Of Okabe and Ito (2008): to be told apart by all readers. Later recipes begin again, dotted.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_GREY, _PALE = "#666666", "#dddddd"


def draw_curves(panels, recipes):
    """Draws panels.

    Args:
        panels: Dict of title to a dict of recipe to a list of [x, y, error or None], ascending.
        recipes: Names, in the legend's order.

    Returns:
        Bytes of a PNG file.
    """
    legend = _LINE_HEIGHT * len(recipes) + 8
    rows = max(1, math.ceil(len(panels) / _COLUMNS))
    width, height = _PANEL
    picture = Image.new("RGB", (_COLUMNS * width, legend + rows * height), "white")
    canvas, font = ImageDraw.Draw(picture), ImageFont.load_default()
    for number, recipe in enumerate(recipes):
        top = 4 + number * _LINE_HEIGHT
        _draw_line(canvas, [(8, top + 6), (40, top + 6)], number)
        canvas.text((48, top), recipe, "black", font)
    for number, (title, curves) in enumerate(panels.items()):
        row, column = divmod(number, _COLUMNS)
        _Panel(canvas, font, column * width, legend + row * height).draw(title, curves, recipes)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def _draw_line(canvas, points, number):
    colour = _COLOURS[number % len(_COLOURS)]
    if number < len(_COLOURS):
        canvas.line(points, colour, 2)
    if number >= len(_COLOURS) or len(points) <= _MOST_DOTS:
        for x, y in points:
            canvas.ellipse((x - 2, y - 2, x + 2, y + 2), colour)


class _Panel:
    def __init__(self, canvas, font, left, top):
        self._canvas, self._font = canvas, font
        self._left, self._right = left + _LEFT, left + _PANEL[0] - _RIGHT
        self._top, self._bottom = top + _TOP, top + _PANEL[1] - _BOTTOM

    def draw(self, title, curves, recipes):
        points = [point for curve in curves.values() for point in curve if _is_finite(point)]
        if not points:
            return
        self._xs = _range([x for x, _, _ in points])
        self._ys = _range([y + sign * (error or 0.0) for _, y, error in points for sign in (-1, 1)])
        self._canvas.text((self._left, self._top - 16), title, "black", self._font)
        self._draw_axes(points)
        for number, recipe in enumerate(recipes):
            curve = [point for point in curves.get(recipe, ()) if _is_finite(point)]
            _draw_line(self._canvas, [self._place(x, y) for x, y, _ in curve], number)
            for x, y, error in curve:
                if error:
                    ends = [self._place(x, y - error), self._place(x, y + error)]
                    self._canvas.line(ends, _COLOURS[number % len(_COLOURS)], 1)

    def _draw_axes(self, points):
        for y in _ticks(*self._ys):
            _, place = self._place(self._xs[0], y)
            self._canvas.line([(self._left, place), (self._right, place)], _PALE)
            self._canvas.text((self._left - _LEFT + 6, place - 6), f"{y:.4g}", _GREY, self._font)
        for x in (points[0][0], self._xs[1]):
            place, _ = self._place(x, self._ys[0])
            text = f"{x:g}"
            self._canvas.text((place - 6 * len(text), self._bottom + 6), text, _GREY, self._font)
        corners = (self._left, self._top, self._right, self._bottom)
        self._canvas.rectangle(corners, outline=_GREY)

    def _place(self, x, y):
        across = (x - self._xs[0]) / (self._xs[1] - self._xs[0])
        up = (y - self._ys[0]) / (self._ys[1] - self._ys[0])
        return (
            self._left + across * (self._right - self._left),
            self._bottom - up * (self._bottom - self._top),
        )


def _is_finite(point):
    return math.isfinite(point[1])


def _range(values):
    low, high = min(values), max(values)
    if high > low:
        return low, high
    return low - abs(low or 1.0) / 2, high + abs(high or 1.0) / 2


def _ticks(low, high):
    """Chooses some round numbers in a range."""
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    step = next(step * factor for factor in (5, 2, 1) if (high - low) / (step * factor) >= 2)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]
