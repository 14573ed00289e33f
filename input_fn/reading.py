"""From the files of a pair to stacks of pictures as they are stored, decoded but not resized."""

from typing import NamedTuple

import tensorflow.compat.v1 as tf

from input_fn.decoding import JPEG, NPY, decoder, picture_channels
from input_fn.pair_format import FOLDERS, SINGLE
from input_fn.preprocessing import split_halves


class StackSpec(NamedTuple):
    """What a stack of pictures is, its height and width aside.

    Attributes:
        dtype: tf.uint8 or tf.float32, both for values in [0, 255].
        number: Pictures in the stack: 2 for A and B, else 1.
        channels: Channels of the pictures.
    """

    dtype: tf.DType
    number: int
    channels: int


class PairReader:
    """Decodes the files of pairs.

    Attributes:
        decoders: For each file of a pair, the function from its bytes to a picture.
        specs: A `StackSpec` for each stack: one for A and B side by side, or for a single photo;
            two for A and B in files of their own.

    Args:
        pairs: `Pairs`: they decide which decoders are needed.
        pair_format: The `PairFormat`.
    """

    def __init__(self, pairs, pair_format):
        self._layout = pair_format.layout
        channels = pair_format.channels
        if self._layout == SINGLE:
            wanted = [3]
        elif self._layout == FOLDERS:
            wanted = list(channels)
        else:
            wanted = [max(channels)]
        self.decoders, self.specs = [], []
        for kinds, count in zip(pairs.kinds, wanted):
            self.decoders.append(decoder(kinds, count, pair_format.alpha, pair_format.value_range))
            stored = count if NPY in kinds else picture_channels(count, pair_format.alpha)
            dtype = tf.uint8 if kinds <= {JPEG} and stored == 3 else tf.float32
            number = 2 if self._layout not in (SINGLE, FOLDERS) else 1
            self.specs.append(StackSpec(dtype, number, stored))

    def stacks(self, contents):
        """Decodes one pair.

        Args:
            contents: List of scalar string tensors, the bytes of the files.

        Returns:
            List of tensors [number, height, width, channels] as `specs` says.
        """
        pictures = [decode(content) for decode, content in zip(self.decoders, contents)]
        if self.specs[0].number == 2:
            return [split_halves(pictures[0])]
        return [tf.expand_dims(picture, 0) for picture in pictures]
