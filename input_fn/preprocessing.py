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
    wanted = 3 if pair_format.lab else pair_format.input_channels
    picture = _decoded(contents, wanted, pair_format, kinds, pair_format.bands_of_input_files[0])
    (stack,) = _fitted([tf.expand_dims(picture, 0)], pair_format, fit or pair_format.resize)
    if pair_format.lab:
        x, _ = rgb_to_lab(stack[0])
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
    return _ordered_and_scaled(_fitted(stacks, pair_format, pair_format.resize), pair_format)


def _fitted(stacks, pair_format, fit):
    """Brings stacks to `fine_size`, the middle of what is larger; float32 in [0, 255]."""
    size = pair_format.fine_size
    if fit == "stretch":
        return [_resize_and_crop(stack, size, None, size) for stack in stacks]
    if fit == MIRROR:
        return [mirrored_to_fit(stack, size) for stack in stacks]
    return [_fit_and_crop(stack, size, None, size, fit == "crop") for stack in stacks]


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
    if resize == "stretch":
        # The margins inclusive: 286 to 256 has the 31 offsets 0..30. The greatest draw is
        # 1 - 2**-23, so that even rounded to float32 the product stays below the number of places.
        places = [load - fine + 1 for load, fine in zip(size, window)]
        offset = tf.cast(draws[:2] * tf.constant(places, tf.float32), tf.int32)
        stacks = [_resize_and_crop(stack, size, offset, window) for stack in stacks]
    else:
        stacks = [
            _fit_and_crop(stack, size, draws[:2], window, resize == "crop") for stack in stacks
        ]
    if flip:
        mirrored = draws[2] < 0.5
        stacks = [_mirror_if(mirrored, stack) for stack in stacks]
    return _ordered_and_scaled(stacks, pair_format)


def _resize_and_crop(pictures, size, offset, window):
    """Resizes pictures and cuts the same window out of all of them.

    Resizing is bilinear with half-pixel centres; when a side gets smaller the triangle filter is
    widened to match, as in Pillow, since plain bilinear sampling would alias.

    Args:
        pictures: uint8 or float32 [number, any height, any width, channels].
        size: (height, width) to resize to.
        offset: int32 tensor [2], the (top, left) of the window in the resized picture; None if
            `window` is all of it.
        window: (height, width) of the window.

    Returns:
        float32 [number, window height, window width, channels] in [0, 255].
    """
    present = tf.shape(pictures)[1:3]
    number, channels = _number_and_channels(pictures)

    def crop(resized):
        if tuple(size) == tuple(window):
            return resized
        begin = tf.concat([[0], offset, [0]], axis=0)
        return tf.slice(resized, begin, [number, *window, channels])

    def keep():
        # Cropped first, so that only the pixels needed are converted.
        return tf.cast(crop(pictures), tf.float32)

    def enlarge():
        # The raw op, since `resize_images` of compat.v1 has no half-pixel centres.
        return crop(tf.raw_ops.ResizeBilinear(images=pictures, size=size, half_pixel_centers=True))

    def shrink():
        # This op could serve for all sizes, but takes three times as long as ResizeBilinear to
        # enlarge. It computes the window alone; the weights may add up to a little over 1.
        translation = tf.zeros([2]) if offset is None else -tf.cast(offset, tf.float32)
        shrunk = tf.raw_ops.ScaleAndTranslate(
            images=pictures,
            size=window,
            scale=tf.constant(size, tf.float32) / tf.cast(present, tf.float32),
            translation=translation,
            kernel_type="triangle",
            antialias=True,
        )
        return tf.clip_by_value(shrunk, 0.0, 255.0)

    resized = tf.cond(
        tf.reduce_all(tf.equal(present, size)),
        keep,
        lambda: tf.cond(tf.reduce_all(present <= size), enlarge, shrink),
    )
    # Said here, not by ensure_shape within the branches: TensorFlow 1.15's graph optimizer would
    # take a branch's shape for that of the file, and so fold the condition to true.
    resized.set_shape([number, *window, channels])
    return resized


def _fit_and_crop(pictures, size, draws, window, cover):
    """Resizes pictures without distortion and cuts the same window out of all of them.

    Args:
        pictures: uint8 or float32 [number, any height, any width, channels].
        size: (height, width) that the pictures are to cover or to fit in.
        draws: float32 tensor [2] in [0, 1): where the window is between top and bottom, left and
            right; None for the middle.
        window: (height, width) of the window.
        cover: Whether pictures cover the size, and protrude on one axis; else they fit in, between
            black bars.

    Returns:
        float32 [number, window height, window width, channels] in [0, 255].
    """
    number, channels = _number_and_channels(pictures)
    present = tf.cast(tf.shape(pictures)[1:3], tf.float32)
    wanted = tf.constant(size, tf.float32)
    ratio = (tf.reduce_max if cover else tf.reduce_min)(wanted / present)
    scaled = tf.maximum(tf.round(present * ratio), 1.0)
    canvas = tf.maximum(scaled, wanted)
    margin = tf.floor((canvas - scaled) / 2.0)
    free = canvas - tf.constant(window, tf.float32)
    offset = tf.floor(free / 2.0) if draws is None else tf.floor(draws * (free + 1.0))
    # Beyond the picture the op yields 0, which is black.
    resized = tf.raw_ops.ScaleAndTranslate(
        images=pictures,
        size=window,
        scale=scaled / present,
        translation=margin - offset,
        kernel_type="triangle",
        antialias=True,
    )
    resized.set_shape([number, *window, channels])
    return tf.clip_by_value(resized, 0.0, 255.0)


def _number_and_channels(pictures):
    shape = pictures.shape.as_list()
    return shape[0], shape[-1]


def _mirror_if(mirrored, pictures):
    """Mirrors pictures left to right, each in its place, where the scalar `mirrored` is true."""
    number, height, width, channels = pictures.shape.as_list()

    def mirror():
        # As one tall picture, for which TensorFlow's reverse has a fast path (a fifth of the time).
        tall = tf.reshape(pictures, [number * height, width, channels])
        return tf.reshape(tf.reverse(tall, axis=[1]), [number, height, width, channels])

    return tf.cond(mirrored, mirror, lambda: pictures)


def _ordered_and_scaled(stacks, pair_format):
    """Turns stacks of float32 in [0, 255] into `({"input": x}, y)` in [-1, 1]."""
    if pair_format.lab:
        lightness, colour = rgb_to_lab(stacks[0][0])
        return {"input": lightness}, colour
    if pair_format.has_weights:
        x, y, of_input, weights = weighted_pair(stacks, pair_format)
        features = {"input": filled(_scaled(x), of_input), "weights": weights}
        return features, filled(_scaled(y), weights)
    x, y = stored_pair([_scaled(stack) for stack in stacks], pair_format)
    return {"input": x}, y


def _scaled(pictures):
    """Turns [0, 255] into [-1, 1]."""
    return pictures / 127.5 - 1.0
