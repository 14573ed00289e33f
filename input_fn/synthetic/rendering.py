"""What a made-up facade looks like: each part painted by its kind, in the light of a day."""

import numpy as np
from PIL import Image

# Painted at twice the size and averaged down, so that frames and bars can be thinner than a pixel.
_OVERSAMPLING = 2

# The sizes of details are in units of a 256th of the picture's height.
_REFERENCE_HEIGHT = 256

_WALLS = [
    (0.86, 0.80, 0.66),  # cream
    (0.80, 0.60, 0.50),  # salmon
    (0.82, 0.69, 0.42),  # ochre
    (0.62, 0.33, 0.26),  # brick red
    (0.70, 0.76, 0.64),  # pale green
    (0.66, 0.70, 0.74),  # blue grey
    (0.72, 0.69, 0.64),  # sandstone
    (0.88, 0.87, 0.84),  # white
]
_DOORS = [(0.36, 0.22, 0.13), (0.20, 0.28, 0.22), (0.25, 0.24, 0.27)]
_SIGNS = [(0.60, 0.15, 0.13), (0.15, 0.30, 0.45), (0.20, 0.36, 0.22), (0.75, 0.62, 0.25)]

# How far, in units, a part's shadow falls below it.
_SHADOWS = {"cornice": 8, "moulding": 4, "sill": 4, "balcony": 7, "decoration": 3}


def _rgb(red, green, blue):
    return np.array([red, green, blue], np.float32)


def render(parts, random, height, width):
    """Paints a facade.

    What a place looks like follows from the labels around it, apart from what varies from facade
    to facade (colours, brick or plaster, light) and noise.

    Args:
        parts: From `lay_out`: the background and the wall first.
        random: `numpy.random.RandomState`.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.

    Returns:
        uint8 array [height, width, 3], RGB.
    """
    return _Painter(random, height, width).paint(parts)


class _Painter:
    """Paints the parts of one facade on an enlarged canvas of floats in [0, 1]."""

    def __init__(self, random, height, width):
        self._random = random
        self._canvas = np.zeros((height * _OVERSAMPLING, width * _OVERSAMPLING, 3), np.float32)
        self._unit = _OVERSAMPLING * height / _REFERENCE_HEIGHT
        wall = _rgb(*_WALLS[random.randint(len(_WALLS))]) + random.uniform(-0.05, 0.05, 3)
        self._wall_colour = wall
        # Red walls are mostly of brick.
        self._is_brick = random.uniform() < (0.8 if wall[0] > 1.5 * wall[2] else 0.2)
        self._stone = 0.45 * wall + 0.55 * _rgb(0.82, 0.80, 0.75)
        self._frame = _rgb(0.92, 0.91, 0.88) * random.uniform(0.75, 1)
        self._door_colour = _rgb(*_DOORS[random.randint(len(_DOORS))])
        self._sign = _rgb(*_SIGNS[random.randint(len(_SIGNS))])
        self._cloudiness = random.uniform()
        self._weather = self._mottle(12)

    def paint(self, parts):
        self._paint_surroundings(parts[1])
        for part in parts[1:]:
            top, left, bottom, right = (edge * _OVERSAMPLING for edge in part[1:])
            area = self._canvas[top:bottom, left:right]
            getattr(self, "_paint_" + part.kind)(area, top, left)
            reach = int(_SHADOWS.get(part.kind, 0) * self._unit)
            below = self._canvas[bottom : bottom + reach, left:right]
            below *= np.linspace(0.55, 0.95, reach)[: len(below), None, None]
        return self._developed()

    def _developed(self):
        """Lights the canvas from one side and takes the photograph."""
        steps = range(_OVERSAMPLING)
        parts = [self._canvas[i::_OVERSAMPLING, j::_OVERSAMPLING] for i in steps for j in steps]
        photo = sum(parts) / len(parts)
        light = np.linspace(*self._random.uniform(0.88, 1.08, 2), photo.shape[1])
        photo = photo * (self._random.uniform(0.88, 1.05) * light[:, None])
        photo += self._random.normal(0, 0.012, photo.shape)
        return (np.clip(photo, 0, 1) * 255).round().astype(np.uint8)

    def _mottle(self, cells):
        """Returns smooth random patches over the canvas, float32 [height, width, 1] in [-1, 1]."""
        coarse = self._random.uniform(-1, 1, (cells, cells)).astype(np.float32)
        height, width = self._canvas.shape[:2]
        smooth = Image.fromarray(coarse).resize((width, height), Image.BILINEAR)
        return np.asarray(smooth)[..., None]

    def _paint_surroundings(self, wall):
        """Paints what has no label of its own: sky, neighbours, roof and street."""
        top, left, bottom, right = (edge * _OVERSAMPLING for edge in wall[1:])
        up = np.linspace(1, 0, len(self._canvas))[:, None, None]
        blue = _rgb(0.80, 0.87, 0.93) - _rgb(0.35, 0.25, 0.07) * up
        # Clouds whiten the blue.
        self._canvas[:] = blue
        self._canvas += (0.90 - self._canvas) * (0.6 * self._cloudiness + 0.15 * self._weather)

        neighbours = self._canvas[top + int(16 * self._unit) :]
        neighbours[:] = _rgb(0.50, 0.47, 0.44) + 0.06 * self._weather[-len(neighbours) :]

        roof = int(22 * self._unit)
        for step in range(roof):
            # Narrower towards the ridge; a row of tiles every three units.
            inset = int(0.8 * (roof - step))
            shade = 0.75 + 0.25 * (step / (3 * self._unit) % 1)
            row = self._canvas[max(top - roof + step, 0), left + inset : right - inset]
            row[:] = _rgb(0.45, 0.25, 0.20) * shade

        street = self._canvas[bottom:]
        street[:] = _rgb(0.42, 0.42, 0.43) + 0.04 * self._weather[bottom:]
        street[: int(3 * self._unit)] += 0.2  # the pavement

    def _paint_wall(self, area, top, left):
        height, width = area.shape[:2]
        area[:] = self._wall_colour + 0.05 * self._weather[top : top + height, left : left + width]
        if self._is_brick:
            row = (np.arange(height) / (4 * self._unit)).astype(int)
            along = np.arange(width) / (9 * self._unit) + 0.5 * (row % 2)[:, None]
            tones = self._random.uniform(-0.08, 0.08, (row[-1] + 1, int(along.max()) + 1))
            area += tones[row[:, None], along.astype(int)][..., None]
            joint = (np.arange(height) / (4 * self._unit) % 1 < 0.2)[:, None] | (along % 1 < 0.1)
            area[joint] = 0.5 * area[joint] + 0.36
        else:
            area += self._random.uniform(-0.035, 0.035, (height, width, 1))
        area *= np.linspace(1.04, 0.88, height)[:, None, None]  # dirtier towards the street

    def _paint_window(self, area, top, left):
        height, width = area.shape[:2]
        # The sky mirrored in the upper part, the dark room behind the lower; a streak across.
        down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j][..., None]
        area[:] = _rgb(0.50, 0.58, 0.66) * (1 - down) + _rgb(0.12, 0.13, 0.15) * down
        area += 0.12 * np.exp(-(((down + across - 0.8) / 0.15) ** 2))
        self._frame_of(area, self._frame, 1.6)
        bar = max(int(1.4 * self._unit), 1)
        area[:, (width - bar) // 2 : (width + bar) // 2] = self._frame
        area[height // 3 : height // 3 + bar] = self._frame
        area[: int(2 * self._unit)] *= 0.6  # it lies deeper than the wall

    def _paint_blind(self, area, top, left):
        slats = 0.78 + 0.22 * (np.arange(len(area)) / (2.5 * self._unit) % 1)
        area[:] = _rgb(0.80, 0.76, 0.66) * slats[:, None, None]
        self._frame_of(area, self._frame, 1.2)

    def _paint_sill(self, area, top, left):
        area[:] = self._stone * np.linspace(1.12, 0.85, len(area))[:, None, None]

    def _paint_balcony(self, area, top, left):
        # Bars in front of whatever is behind them, between a handrail and a slab of stone.
        height, width = area.shape[:2]
        area *= 0.75
        bars = np.arange(width) / (3.5 * self._unit) % 1 < 0.4
        area[:, bars] = 0.13
        area[: max(int(1.5 * self._unit), 1)] = 0.10
        slab = max(height // 5, 1)
        area[-slab:] = self._stone * np.linspace(1.05, 0.8, slab)[:, None, None]

    def _paint_decoration(self, area, top, left):
        across = np.abs(np.linspace(-1, 1, area.shape[1]))[None, :, None]
        down = np.linspace(0, 1, len(area))[:, None, None]
        # A pediment: lit along its slopes, which fall from the middle to both sides.
        area[:] = self._stone * np.where(np.abs(down - 0.8 * across) < 0.2, 1.15, 0.88)

    def _paint_moulding(self, area, top, left):
        area[:] = self._stone * np.linspace(1.12, 0.82, len(area))[:, None, None]

    def _paint_cornice(self, area, top, left):
        height, width = area.shape[:2]
        area[:] = self._stone * np.linspace(1.15, 0.85, height)[:, None, None]
        dentils = np.arange(width) / (6 * self._unit) % 1 < 0.5
        area[height // 2 :, dentils] *= 0.7
        area[height // 4 : height // 4 + max(int(self._unit), 1)] *= 0.75

    def _paint_pillar(self, area, top, left):
        across = np.linspace(-1, 1, area.shape[1])[None, :, None]
        area[:] = self._stone * (1.05 - 0.3 * (across - 0.3) ** 2 / 1.69)
        area[:, -max(int(0.6 * self._unit), 1) :] *= 0.7

    def _paint_door(self, area, top, left):
        height, width = area.shape[:2]
        area[:] = self._door_colour
        fanlight = area[: height // 5]
        fanlight[:] = _rgb(0.35, 0.40, 0.45)
        for left_half in (0, width // 2):
            for panel in (0.25, 0.62):
                rows = slice(int(panel * height), int((panel + 0.28) * height))
                columns = slice(left_half + width // 10, left_half + width // 2 - width // 10)
                area[rows, columns] *= 1.3
        area[:, width // 2 : width // 2 + max(int(0.8 * self._unit), 1)] *= 0.5
        self._frame_of(area, self._stone, 1.8)

    def _paint_shop(self, area, top, left):
        height, width = area.shape[:2]
        down = np.linspace(0, 1, height)[:, None, None]
        area[:] = _rgb(0.16, 0.17, 0.19) + _rgb(0.34, 0.27, 0.14) * (down - 0.4) ** 2
        bars = np.arange(width) / (0.34 * width) % 1 < 0.06
        area[:, bars] = 0.3
        area[-max(height // 8, 1) :] = 0.28
        sign = area[: height // 4]
        sign[:] = self._sign
        sign[len(sign) // 3 : 2 * len(sign) // 3, width // 5 : -(width // 5) or None] += 0.25

    def _frame_of(self, area, colour, thickness):
        """Paints a frame inside an area's edges; `thickness` in units."""
        edge = max(int(thickness * self._unit), 1)
        area[:edge], area[-edge:], area[:, :edge], area[:, -edge:] = (colour,) * 4
