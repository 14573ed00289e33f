"""The network's output to what is shown or stored: the one place for all programs."""

from dataclasses import dataclass

import tensorflow.compat.v1 as tf

from input_fn.lab import lab_to_rgb
from input_fn.pair_format import PairFormat
from input_fn.planes import colours_of
from input_fn.units import in_units

# What a PNG file holds of colours: grey, RGB, RGBA. Its grey with alpha is no picture of ours.
PNG_CHANNELS = (1, 3, 4)


def shown(x, y, pair_format):
    """Turns an output or a target into what is shown, stored and scored.

    Args:
        x: float32 [batch, height, width, input_channels] in [-1, 1], the network's input.
        y: float32 [batch, height, width, output_channels] in [-1, 1].
        pair_format: The `PairFormat`.

    Returns:
        y; with `lab` the RGB pictures of the lightness x and the colours y; with an
        `output_palette` pictures in its colours; float32 in [-1, 1].
    """
    if pair_format.output_palette is not None:
        return colours_of(y, pair_format.output_palette)
    return lab_to_rgb(x, y) if pair_format.lab else y


def shown_input(x, pair_format):
    """Turns an input, as of `shown`, into what is shown of it: planes into their colours."""
    palette = pair_format.input_palette
    return x if palette is None else colours_of(x, palette)


def blendable(x, y, pair_format):
    """Turns an output into what can be resized, or blended with another, before it is `settled`.

    Colours between two classes would be of none, so of label maps it is the shares of classes.

    Args:
        x: float32 [height, width, input_channels] in [-1, 1].
        y: float32 [height, width, output_channels] in [-1, 1].
        pair_format: The `PairFormat`.

    Returns:
        float32 [height, width, channels] in [-1, 1].
    """
    if pair_format.output_palette is not None:
        return y
    return shown(x[None], y[None], pair_format)[0]


def settled(picture, pair_format):
    """Turns what is `blendable`, at whatever size, into what is shown, float32 in [-1, 1]."""
    palette = pair_format.output_palette
    return picture if palette is None else colours_of(picture, palette)


def to_levels(picture):
    """Turns float pictures in [-1, 1] into uint8 in 0..255, rounded to nearest."""
    return tf.saturate_cast(tf.round((picture + 1.0) * 127.5), tf.uint8)


def to_unit(picture):
    """Turns pictures in [-1, 1], arrays or tensors, into [0, 1], as .npy files are stored."""
    return picture * 0.5 + 0.5


def stored_values(picture, bands):
    """Turns a picture into the values that are stored of it.

    Args:
        picture: Array [..., channels] in [-1, 1].
        bands: Tuple of `Band`, one to a channel; None where the files' units are not known.

    Returns:
        float32, of the same shape: in the units of the files, or in [0, 1].
    """
    unit = to_unit(picture)
    return unit if bands is None else in_units(unit, bands)


def preview(levels):
    """Takes of a picture what a PNG file shows of it.

    Args:
        levels: Array or tensor [..., channels].

    Returns:
        It, if it has 1, 3 or 4 channels; else the first 3 of more channels, or the first of 2.
    """
    channels = int(levels.shape[-1])
    return levels if channels in PNG_CHANNELS else levels[..., : 3 if channels > 3 else 1]


def encode_png(levels):
    """Encodes uint8 [height, width, 1, 3 or 4] as a PNG file, a scalar string tensor."""
    return tf.image.encode_png(levels)


@dataclass(frozen=True)
class Presentation:
    """How a run's pictures are shown, for whoever has tensors of them but not their format.

    Attributes:
        pair_format: The `PairFormat`.
    """

    pair_format: PairFormat

    def shown(self, x, y):
        """Turns an output or a target into what is shown; see `shown`."""
        return shown(x, y, self.pair_format)

    def shown_input(self, x):
        """Turns an input into what is shown; see `shown_input`."""
        return shown_input(x, self.pair_format)

    def levels(self, picture):
        """Turns what is shown into levels; see `to_levels`."""
        return to_levels(picture)

    def rows(self, x, fake, y):
        """Puts input, output and target side by side, as RGB.

        Args:
            x: float32 [batch, height, width, channels] in [-1, 1], the input.
            fake: The generator's pictures, as shown.
            y: The targets, as shown.

        Returns:
            uint8 [batch, height, 3 width, 3]; of 3 channels or more the first three, else the
            first.
        """
        pictures = [
            picture[..., :3]
            if picture.shape.as_list()[-1] >= 3
            else tf.image.grayscale_to_rgb(picture[..., :1])
            for picture in (self.shown_input(x), fake, y)
        ]
        return to_levels(tf.concat(pictures, axis=2))
