"""From the files of a pair to stacks of pictures as they are stored, decoded but not resized."""

from typing import NamedTuple

import tensorflow.compat.v1 as tf

from input_fn.arrays import decode_last_channel
from input_fn.decoding import ARRAYS, JPEG, TURNED, decoder, picture_channels, with_channels
from input_fn.weights import FULL


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
        self._format = pair_format
        for possible, channels, bands, counting in zip(
            kinds,
            pair_format.channels_of_files,
            pair_format.bands_of_files,
            pair_format.counting_of_files,
        ):
            count, alpha = max(channels), pair_format.alpha
            self.decoders.append(decoder(possible, count, alpha, bands, counting))
            stored = count if possible & ARRAYS else picture_channels(count, alpha)
            is_plain = possible <= {JPEG, TURNED} and stored == 3 and counting is None
            stored += counting is not None
            dtype = tf.uint8 if is_plain else tf.float32
            self.specs.append(StackSpec(dtype, len(channels), stored))
        if pair_format.has_weight_files:
            self.decoders.append(decoder(kinds[-1], 1, "drop", None))

    def stacks(self, contents):
        """Decodes one pair.

        Args:
            contents: List of scalar string tensors, the bytes of the files.

        Returns:
            List of tensors [number, height, width, channels] as `specs` says. If not all pixels
            count, their last channel is the weight; see `weights`.
        """
        pictures = [decode(content) for decode, content in zip(self.decoders, contents)]
        stacks = [
            split_halves(picture) if spec.number == 2 else tf.expand_dims(picture, 0)
            for picture, spec in zip(pictures, self.specs)
        ]
        if self._format.weights is None:
            return stacks
        weights = self._weights(pictures, contents) * (1.0 / FULL)
        return [stack * weights for stack in stacks]

    def _weights(self, pictures, contents):
        """Returns how much the pixels of the whole pair count, float32 [height, width, 1]."""
        if self._format.has_weight_files:
            return with_channels(tf.cast(pictures[-1], tf.float32), 1)
        content = contents[self._format.target_file]
        weights = tf.numpy_function(decode_last_channel, [content], tf.float32)
        weights.set_shape([None, None, 1])
        return weights


def split_halves(pair):
    """Splits a picture of A and B side by side.

    Args:
        pair: uint8 or float32 [height, width, channels]; of an odd width, a column is lost.

    Returns:
        [2, height, width // 2, channels]: A, then B.
    """
    height, half = tf.shape(pair)[0], tf.shape(pair)[1] // 2
    channels = pair.shape.as_list()[-1]
    # Every row of the file is a row of A followed by one of B. Gathering whole rows is several
    # times as fast in TensorFlow 1.15 as slicing and stacking, or as a transpose.
    rows = tf.reshape(pair[:, : 2 * half], [2 * height, half * channels])
    row_numbers = tf.concat([tf.range(0, 2 * height, 2), tf.range(1, 2 * height, 2)], axis=0)
    return tf.reshape(tf.gather(rows, row_numbers), [2, height, half, channels])
