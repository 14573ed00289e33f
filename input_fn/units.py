"""Values in the units of the files to levels, 0 to 255, and back; linear, or by their logarithm."""

import re
from typing import NamedTuple

import numpy as np
import tensorflow.compat.v1 as tf

# A range that leaves values as they are, for those who look at the values themselves.
UNSCALED = (float("-inf"), float("inf"))

INPUT, TARGET = "input", "target"
_WHITE = 255.0
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow's mode L.


class Band(NamedTuple):
    """How the values of a band become levels.

    Attributes:
        black: The value of level 0, in the units of the file.
        white: The value of level 255.
        logarithmic: Whether levels go with the logarithm of the values, not with the values.
    """

    black: float
    white: float
    logarithmic: bool = False

    @property
    def is_unscaled(self):
        """Whether values stay as they are."""
        return (self.black, self.white) == UNSCALED


def as_ranges(value_range):
    """Lists the ranges that a `value_range` has: it is one, or a sequence of them."""
    one = not isinstance(value_range[0], (tuple, list))
    return [tuple(value_range)] if one else [tuple(each) for each in value_range]


def bands_of(value_range, log_bands, input_channels, output_channels):
    """Works out the bands of a pair.

    Args:
        value_range: As of `PairFormat`.
        log_bands: As of `PairFormat`.
        input_channels: Number of bands of the input.
        output_channels: Number of bands of the target.

    Returns:
        Two tuples of `Band`, those of the input and those of the target; None for both if
        `value_range` is None.

    Raises:
        ValueError: The numbers do not fit, or a logarithm is asked for of what has none.
    """
    counts = {INPUT: input_channels, TARGET: output_channels}
    logarithmic = _logarithmic(log_bands, counts)
    if value_range is None:
        if log_bands:
            raise ValueError("`log_bands` needs a `value_range`; give both, such as 0.01,100")
        return None, None
    ranges = as_ranges(value_range)
    total = sum(counts.values())
    if len(ranges) not in (1, 2, total):
        raise ValueError(
            f"`value_range` has {len(ranges)} ranges; give one for all bands, one for the input "
            f"and one for the target, or one for each band, {input_channels} + {output_channels}"
        )
    if len(ranges) == 1:
        ranges *= total
    elif len(ranges) == 2:
        ranges = ranges[:1] * input_channels + ranges[1:] * output_channels
    for (black, white), name in zip(ranges, logarithmic):
        if not black < white:
            raise ValueError(f"value_range is {value_range!r}; black must be below white")
        if logarithmic[name] and (black, white) != UNSCALED and black <= 0:
            raise ValueError(
                f"`value_range` {black:g},{white:g}: {name} is of `log_bands`, and there is no "
                "logarithm of what is not above 0; begin above 0"
            )
    bands = tuple(Band(*ends, flag) for ends, flag in zip(ranges, logarithmic.values()))
    return bands[:input_channels], bands[input_channels:]


def _logarithmic(log_bands, counts):
    """Says of each band, by the name that messages give it, whether it is one of `log_bands`."""
    names = {
        f"{which}:{number}": False
        for which, count in counts.items()
        for number in range(1, count + 1)
    }
    for name in log_bands:
        chosen = [each for each in names if each == name or each.split(":")[0] == name]
        if not chosen:
            raise ValueError(
                f"`log_bands` {name}: there is no such band; there are {', '.join(names)}"
            )
        names.update(dict.fromkeys(chosen, True))
    return names


def is_name_of_bands(text):
    """Says whether a text is one of `log_bands`: "input", "target", "input:2" and so on."""
    return re.fullmatch(f"({INPUT}|{TARGET})(:[1-9][0-9]*)?", text) is not None


def levels_of(values, bands):
    """Turns the values of an array into levels.

    Args:
        values: [height, width, channels], numbers of any type.
        bands: For each of the pictures side by side in the array, its tuple of `Band`; a single one
            is that of all channels.

    Returns:
        float32, of the same shape, in [0, 255]; what is out of range is cut off. Values that are to
        stay unscaled are only turned to float32.
    """
    if _are_unscaled(bands):
        return values.astype(np.float32)
    black, white, is_logarithm = _limits(bands, values.shape[-1])
    split = values.astype(np.float64).reshape(values.shape[0], len(black), -1, values.shape[-1])
    if is_logarithm.any():
        positive = np.maximum(split, np.where(is_logarithm, black, 1.0))
        split = np.where(is_logarithm, np.log(positive), split)
        black, white = _ends_in_logarithms(black, white, is_logarithm)
    levels = (split - black) * (_WHITE / (white - black))
    return levels.clip(0.0, _WHITE).astype(np.float32).reshape(values.shape)


def levels_of_tensor(values, bands):
    """Does the same for a float32 tensor [height, width, channels] of known channels."""
    if _are_unscaled(bands):
        return values
    black, white, is_logarithm = _limits(bands, values.shape.as_list()[-1])
    shape, split = tf.shape(values), values
    if len(black) > 1:
        split = tf.reshape(values, [shape[0], len(black), -1, values.shape.as_list()[-1]])
    else:
        black, white, is_logarithm = black[0], white[0], is_logarithm[0]
    if is_logarithm.any():
        positive = tf.maximum(split, np.where(is_logarithm, black, 1.0).astype(np.float32))
        chosen = tf.constant(is_logarithm.astype(np.float32))
        split = chosen * tf.log(positive) + (1.0 - chosen) * split
        black, white = _ends_in_logarithms(black, white, is_logarithm)
    black, span = black.astype(np.float32), (white - black).astype(np.float32)
    levels = tf.clip_by_value((split - black) / span, 0.0, 1.0) * _WHITE
    return tf.reshape(levels, shape) if len(black.shape) > 2 else levels


def in_units(picture, bands):
    """Turns a picture back into the units of its file.

    Args:
        picture: Array [..., channels] in [0, 1].
        bands: Tuple of `Band`, one to a channel.

    Returns:
        float32, of the same shape.
    """
    (black,), (white,), (is_logarithm,) = (
        each[:, 0] for each in _limits((bands,), picture.shape[-1])
    )
    share = picture.astype(np.float64)
    values = black + (white - black) * share
    if is_logarithm.any():
        low = np.where(is_logarithm, black, 1.0)
        values = np.where(is_logarithm, low * (white / low) ** share, values)
    return values.astype(np.float32)


def _are_unscaled(bands):
    return bands[0][0].is_unscaled


def _limits(bands, channels):
    """Makes arrays [pictures, 1, channels] of black, white, and whether by the logarithm."""
    if all(each == bands[0] for each in bands):
        # One way for all, whatever the width.
        bands = bands[:1]
    of_channels = [[each[min(k, len(each) - 1)] for k in range(channels)] for each in bands]
    black, white, is_logarithm = np.moveaxis(np.array(of_channels, np.float64), -1, 0)[:, :, None]
    return black, white, is_logarithm.astype(bool)


def _ends_in_logarithms(black, white, is_logarithm):
    return tuple(
        np.where(is_logarithm, np.log(np.where(is_logarithm, end, 1.0)), end)
        for end in (black, white)
    )
