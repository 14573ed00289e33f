"""Where the parts of a made-up facade are: rectangles, in the order in which they are painted."""

from typing import List, NamedTuple

# The twelve label colours of the CMP facades data set (Tylecek & Sara, GCPR 2013) as the pix2pix
# pairs have them.
COLOURS = {
    "background": (0, 0, 223),
    "wall": (0, 48, 255),
    "window": (0, 128, 255),
    "door": (0, 207, 255),
    "decoration": (32, 255, 223),
    "sill": (112, 255, 143),
    "balcony": (191, 255, 64),
    "blind": (255, 239, 0),
    "moulding": (255, 159, 0),
    "cornice": (255, 80, 0),
    "pillar": (255, 0, 0),
    "shop": (175, 0, 0),
}

# Below this many pixels a floor or column has no room for a window with a wall around it.
_SMALLEST_CELL = 12


class Part(NamedTuple):
    """A rectangle of one kind; pixels, bottom and right exclusive.

    Attributes:
        kind: A key of `COLOURS`.
        top: First row.
        left: First column.
        bottom: Row after the last.
        right: Column after the last.
    """

    kind: str
    top: int
    left: int
    bottom: int
    right: int


def lay_out(random, height, width) -> List[Part]:
    """Lays out a facade.

    Args:
        random: `numpy.random.RandomState`.
        height: Height of the picture in pixels, at least 32.
        width: Width of the picture in pixels, at least 32.

    Returns:
        The parts, the first of them the background and the wall. All are inside the picture, at
        least one pixel high and wide; later ones cover earlier ones.
    """
    layout = _Layout(height, width)
    top = height * random.uniform(0.13, 0.22)
    bottom = height * random.uniform(0.93, 0.97)
    # Some facades fill the width, others show the neighbours on one side or both.
    left, right = (random.choice([0, random.uniform(0.04, 0.12)]) * width for _ in range(2))
    right = width - right
    layout.add("background", 0, 0, height, width)
    layout.add("wall", top, left, bottom, right)

    cornice = 0.045 * height
    floors = _count(random, 3, 6, (bottom - top - cornice) / _SMALLEST_CELL)
    columns = _count(random, 3, 7, (right - left) / _SMALLEST_CELL)
    # The ground floor is a quarter higher than the others.
    floor = (bottom - top - cornice) / (floors + 0.25)
    column = (right - left) / columns
    ground = bottom - 1.25 * floor

    if random.uniform() < 0.4:
        for number in range(columns + 1):
            # Those at the edges are cut off by the edge of the wall.
            middle, half = left + number * column, 0.08 * column
            edges = max(middle - half, left), min(middle + half, right)
            layout.add("pillar", top, edges[0], ground, edges[1])
    layout.add("cornice", top, left, top + cornice, right)
    if random.uniform() < 0.6:
        layout.add("moulding", ground - 0.06 * floor, left, ground + 0.04 * floor, right)

    _add_upper_floors(layout, random, top + cornice, left, floor, column, floors - 1, columns)
    _add_ground_floor(layout, random, ground, left, bottom, column, columns)
    return layout.parts


class _Layout:
    """Collects parts given in fractions of pixels."""

    def __init__(self, height, width):
        self.parts = []
        self._height, self._width = height, width

    def add(self, kind, top, left, bottom, right):
        top, bottom = _whole(top, bottom, self._height)
        left, right = _whole(left, right, self._width)
        self.parts.append(Part(kind, top, left, bottom, right))


def _whole(start, end, limit):
    """Rounds to pixels: at least one of them, and inside the picture."""
    start = min(max(int(start + 0.5), 0), limit - 1)
    return start, min(max(int(end + 0.5), start + 1), limit)


def _count(random, fewest, most, room):
    """Draws a number of floors or columns for which there is room."""
    return min(random.randint(fewest, most + 1), max(int(room), 1))


def _add_upper_floors(layout, random, top, left, floor, column, floors, columns):
    window_width = random.uniform(0.38, 0.55) * column
    window_height = random.uniform(0.5, 0.6) * floor
    decorated = random.uniform() < 0.5
    # Left and right alike, as on most facades.
    balconies = random.uniform(size=columns) < 0.2
    balconies |= balconies[::-1]
    for row in range(floors):
        window_top = top + (row + 0.22) * floor
        for number in range(columns):
            window_left = left + (number + 0.5) * column - window_width / 2
            box = window_top, window_left, window_top + window_height, window_left + window_width
            _add_window(layout, random, box, floor, decorated, balconies[number])


def _add_window(layout, random, box, floor, decorated, balcony):
    top, left, bottom, right = box
    side = 0.12 * (right - left)
    layout.add("window", top, left, bottom, right)
    if random.uniform() < 0.2:
        layout.add("blind", top, left, top + random.uniform(0.25, 1) * (bottom - top), right)
    if decorated:
        layout.add("decoration", top - 0.11 * floor, left - side, top, right + side)
    if balcony:
        railing = bottom - 0.35 * (bottom - top)
        layout.add("balcony", railing, left - 2 * side, bottom + 0.07 * floor, right + 2 * side)
    else:
        layout.add("sill", bottom, left - side, bottom + 0.07 * floor, right + side)


def _add_ground_floor(layout, random, ground, left, bottom, column, columns):
    floor = bottom - ground
    shops = random.uniform() < 0.5
    door = random.randint(columns) if random.uniform() < 0.5 else columns // 2
    for number in range(columns):
        middle = left + (number + 0.5) * column
        if number == door:
            half = 0.22 * column
            layout.add("door", ground + 0.28 * floor, middle - half, bottom, middle + half)
        elif shops:
            half = 0.42 * column
            foot = bottom - 0.04 * floor
            layout.add("shop", ground + 0.2 * floor, middle - half, foot, middle + half)
        else:
            half = 0.22 * column
            box = ground + 0.25 * floor, middle - half, ground + 0.7 * floor, middle + half
            _add_window(layout, random, box, floor, decorated=False, balcony=False)
