"""Decoded pictures to the network's input: resizing, cropping, mirroring, values, channels.

The one place for all programs: training, evaluation, prediction, and exports that take files.
Pictures of one size are stacked, [number, height, width, channels], so that one operation serves
both: a file's two halves are one stack of two; A and B of files of their own are two stacks of one.
"""

import tensorflow.compat.v1 as tf

from input_fn.assembling import joined, joined_and_weighted, stored_pair, weighted_pair
from input_fn.decoding import ARRAYS, decoder, picture_channels, with_channels
from input_fn.fitting import MIRROR, mirrored_to_fit
from input_fn.lab import rgb_to_lab
from input_fn.planes import classified, one_class_each, planes_of
from input_fn.resizing import fit_and_crop, mirror_if, resize_and_crop
from input_fn.weights import filled


def input_of_file(contents, pair_format, kinds, fit=None):
    """Turns a file of the network's input alone, without its target, into that input.

    Args:
        contents: Scalar string tensor, the bytes of the file.
        pair_format: The `PairFormat`.
        kinds: Set of JPEG, PNG, NPY, TIFF: all that may occur. Without the last two, all operations
            are TensorFlow's own, and can be saved with a graph.
        fit: How the picture is brought to `fine_size`, one of `FITS`; None: as
            `pair_format.resize` says.

    Returns:
        float32 [height, width, input_channels] in [-1, 1], as `evaluation_pair` makes it of the
        same pixels; and int32 [2], the (height, width) of the picture in the file.
    """
    wanted = pair_format.stored_input_channels
    picture = _decoded(contents, wanted, pair_format, kinds, pair_format.bands_of_input_files[0])
    stack, palette = tf.expand_dims(picture, 0), pair_format.input_palette
    stack = stack if palette is None else planes_of(stack, palette)
    (stack,) = _fitted([stack], pair_format, fit or pair_format.resize)
    if pair_format.lab:
        x, _ = rgb_to_lab(stack[0])
    elif palette is not None:
        x = one_class_each(stack[0])
    elif pair_format.has_weights:
        x, weights = joined_and_weighted([stack[0]], (pair_format.input_channels,))
        x = filled(_scaled(x), weights)
    else:
        x = with_channels(_scaled(stack[0]), pair_format.input_channels)
    return x, tf.shape(picture)[:2]


def input_of_files(contents, pair_format, kinds, fit=None):
    """Turns the files that are joined to one input into that input.

    Args:
        contents: List of scalar string tensors, the bytes of the files, in the order of
            `pair_format.channels_of_input_files`.
        pair_format: The `PairFormat`, with `inputs`.
        kinds: Set of the kinds that may occur.
        fit: As of `input_of_file`.

    Returns:
        float32 [height, width, input_channels] in [-1, 1]; and int32 [files, 2], the (height,
        width) of the picture in each file, which are to be the same.
    """
    counts = pair_format.channels_of_input_files
    pictures = [
        _decoded(content, count, pair_format, kinds, bands)
        for content, count, bands in zip(contents, counts, pair_format.bands_of_input_files)
    ]
    stacks = [tf.expand_dims(picture, 0) for picture in pictures]
    fitted = _fitted(stacks, pair_format, fit or pair_format.resize)
    if pair_format.has_weights:
        x, weights = joined_and_weighted([stack[0] for stack in fitted], counts)
        x = filled(_scaled(x), weights)
    else:
        x = joined([_scaled(stack)[0] for stack in fitted], counts)
    return x, tf.stack([tf.shape(picture)[:2] for picture in pictures])


def _decoded(contents, channels, pair_format, kinds, bands):
    bands = None if bands is None else (bands,)
    counting = pair_format.counting_of_input
    picture = decoder(kinds, channels, pair_format.alpha, bands, counting)(contents)
    stored = channels if kinds & ARRAYS else picture_channels(channels, pair_format.alpha)
    stored += counting is not None
    picture.set_shape([None, None, stored])
    return picture


def evaluation_pair(stacks, pair_format):
    """Resizes a pair to `fine_size` where it has another size.

    Args:
        stacks: One stack of A and B, or two stacks of one picture, or more of several inputs, or
            one stack of a single photo; uint8 or float32 in [0, 255].
        pair_format: The `PairFormat`.

    Returns:
        `({"input": x}, y)`: float32 in [-1, 1], [height, width, channels] as `pair_format` says. If
        not all pixels count, the features have "weights", float32 [height, width, 1] in [0, 1], as
        well; where they are 0, y is 0, and so is x where the input has no data, or the weights are
        those of the whole pair.
    """
    stacks = _fitted(classified(stacks, pair_format.palettes), pair_format, pair_format.resize)
    return _ordered_and_scaled(stacks, pair_format)


def _fitted(stacks, pair_format, fit):
    """Brings stacks to `fine_size`, the middle of what is larger; float32 in [0, 255]."""
    size = pair_format.fine_size
    if fit == "stretch":
        return [resize_and_crop(stack, size, None, size) for stack in stacks]
    if fit == MIRROR:
        return [mirrored_to_fit(stack, size) for stack in stacks]
    return [fit_and_crop(stack, size, None, size, fit == "crop") for stack in stacks]


def training_pair(stacks, random_seed, pair_format, flip):
    """Jitters a pair: one random crop and one random mirroring for both pictures.

    Args:
        stacks: As for `evaluation_pair`.
        random_seed: int64 tensor [2] from which, and from nothing else, the jitter follows.
        pair_format: The `PairFormat`.
        flip: Whether to mirror left and right, with probability 1/2.

    Returns:
        As `evaluation_pair`.
    """
    size, window, resize = pair_format.load_size, pair_format.fine_size, pair_format.resize
    draws = tf.random.stateless_uniform([3], seed=random_seed)
    stacks = classified(stacks, pair_format.palettes)
    if resize == "stretch":
        # The margins inclusive: 286 to 256 has the 31 offsets 0..30. The greatest draw is
        # 1 - 2**-23, so that even rounded to float32 the product stays below the number of places.
        places = [load - fine + 1 for load, fine in zip(size, window)]
        offset = tf.cast(draws[:2] * tf.constant(places, tf.float32), tf.int32)
        stacks = [resize_and_crop(stack, size, offset, window) for stack in stacks]
    else:
        stacks = [
            fit_and_crop(stack, size, draws[:2], window, resize == "crop") for stack in stacks
        ]
    if flip:
        mirrored = draws[2] < 0.5
        stacks = [mirror_if(mirrored, stack) for stack in stacks]
    return _ordered_and_scaled(stacks, pair_format)


def _ordered_and_scaled(stacks, pair_format):
    """Turns stacks of float32 in [0, 255] into `({"input": x}, y)` in [-1, 1]."""
    if pair_format.lab:
        lightness, colour = rgb_to_lab(stacks[0][0])
        return {"input": lightness}, colour
    if pair_format.has_weights:
        x, y, of_input, weights = weighted_pair(stacks, pair_format)
        features = {"input": filled(_scaled(x), of_input), "weights": weights}
        return features, filled(_scaled(y), weights)
    if pair_format.palettes != (None, None):
        pictures = [
            _scaled(stack[0]) if palette is None else one_class_each(stack[0])
            for stack, palette in zip(stacks, pair_format.palettes)
        ]
        x, y = pictures if pair_format.direction == "AtoB" else pictures[::-1]
        x = with_channels(x, pair_format.input_channels)
        return {"input": x}, with_channels(y, pair_format.output_channels)
    x, y = stored_pair([_scaled(stack) for stack in stacks], pair_format)
    return {"input": x}, y


def _scaled(pictures):
    """Turns [0, 255] into [-1, 1]."""
    return pictures / 127.5 - 1.0
