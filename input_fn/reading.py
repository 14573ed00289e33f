"""From the files of a pair to stacks of pictures as they are stored, decoded but not resized."""

from typing import NamedTuple

import tensorflow.compat.v1 as tf

from input_fn.decoding import ARRAYS, JPEG, TURNED, decoder, picture_channels
from input_fn.preprocessing import split_halves


class StackSpec(NamedTuple):
    """What a stack of pictures is, its height and width aside.

    Attributes:
        dtype: tf.uint8 or tf.float32, both for values in [0, 255].
        number: Pictures in the stack: 2 for A and B side by side, else 1.
        channels: Channels of the pictures.
    """

    dtype: tf.DType
    number: int
    channels: int


class PairReader:
    """Decodes the files of pairs.

    Attributes:
        decoders: For each file of a pair, the function from its bytes to a picture.
        specs: A `StackSpec` for each file of a pair: it has one picture, or two side by side.

    Args:
        kinds: For each file of a pair, the set of kinds that may occur, as of `Pairs`.
        pair_format: The `PairFormat`.
    """

    def __init__(self, kinds, pair_format):
        self.decoders, self.specs = [], []
        for possible, channels, bands in zip(
            kinds, pair_format.channels_of_files, pair_format.bands_of_files
        ):
            count = max(channels)
            self.decoders.append(decoder(possible, count, pair_format.alpha, bands))
            stored = count if possible & ARRAYS else picture_channels(count, pair_format.alpha)
            dtype = tf.uint8 if possible <= {JPEG, TURNED} and stored == 3 else tf.float32
            self.specs.append(StackSpec(dtype, len(channels), stored))

    def stacks(self, contents):
        """Decodes one pair.

        Args:
            contents: List of scalar string tensors, the bytes of the files.

        Returns:
            List of tensors [number, height, width, channels] as `specs` says.
        """
        pictures = [decode(content) for decode, content in zip(self.decoders, contents)]
        return [
            split_halves(picture) if spec.number == 2 else tf.expand_dims(picture, 0)
            for picture, spec in zip(pictures, self.specs)
        ]
