"""One file to one pair of tensors: decoding, splitting, resizing, cropping, mirroring."""

from dataclasses import dataclass
from typing import Tuple

import tensorflow.compat.v1 as tf

DIRECTIONS = ("AtoB", "BtoA")


@dataclass(frozen=True)
class PairFormat:
    """How a picture file, A in its left half and B in its right half, becomes a pair of tensors.

    Attributes:
        direction: "AtoB": the left half is the input and the right half the target; "BtoA": the
            reverse.
        input_channels: Channels of the input, 3 (RGB) or 1 (grey).
        output_channels: Channels of the target, 3 or 1.
        load_size: (height, width) in pixels to which each half is resized in training, before
            the random crop. The paper's jitter is 286x286 for crops of 256x256.
        fine_size: (height, width) in pixels of the tensors.

    Raises:
        ValueError: A field has a value that cannot work; the message names the field.
    """

    direction: str
    input_channels: int
    output_channels: int
    load_size: Tuple[int, int]
    fine_size: Tuple[int, int]

    def __post_init__(self):
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction is {self.direction!r}; it must be 'AtoB' or 'BtoA'")
        for field in ("input_channels", "output_channels"):
            if getattr(self, field) not in (1, 3):
                raise ValueError(f"{field} is {getattr(self, field)!r}; it must be 1 or 3")
        for field in ("load_size", "fine_size"):
            size = getattr(self, field)
            if not isinstance(size, (tuple, list)) or len(size) != 2:
                raise ValueError(f"{field} is {size!r}; it must be a pair (height, width)")
            if not all(isinstance(side, int) and side > 0 for side in size):
                raise ValueError(f"{field} is {size!r}; both must be positive whole numbers")
        if any(load < fine for load, fine in zip(self.load_size, self.fine_size)):
            raise ValueError(
                f"load_size {self.load_size!r} is smaller than fine_size {self.fine_size!r}; "
                "crops of fine_size must fit in pictures of load_size"
            )


def decode_picture(contents):
    """Decodes a JPEG or PNG file.

    Args:
        contents: Scalar string tensor, the bytes of the file.

    Returns:
        uint8 tensor [height, width, 3], both sides unknown until run time. Grey pictures are
        repeated over the channels, an alpha channel is dropped, 16 bits are cut to 8.
    """
    # The op reads PNG as well, in spite of its name, and unlike decode_image never returns an
    # animation's four dimensions. INTEGER_FAST is the faster inverse cosine transform; it differs
    # from the accurate one by a few levels out of 255.
    return tf.image.decode_jpeg(contents, channels=3, dct_method="INTEGER_FAST")


def evaluation_pair(path, pair_format):
    """Loads a pair as it is, resized to `fine_size` where it has another size.

    Args:
        path: Scalar string tensor, the name of the file.
        pair_format: The `PairFormat`.

    Returns:
        `({"input": x}, y)`: float32 in [-1, 1], [height, width, channels] as `pair_format` says.
    """
    halves = _read_halves(path)
    halves = _resize_and_crop(halves, pair_format.fine_size, None, pair_format.fine_size)
    return _ordered_and_scaled(halves, pair_format)


def training_pair(path, random_seed, pair_format, flip):
    """Loads a pair and jitters it: one random crop and one random mirroring for both halves.

    Args:
        path: Scalar string tensor, the name of the file.
        random_seed: int64 tensor [2] from which, and from nothing else, the jitter follows.
        pair_format: The `PairFormat`.
        flip: Whether to mirror left and right, with probability 1/2.

    Returns:
        As `evaluation_pair`.
    """
    halves = _read_halves(path)
    draws = tf.random.stateless_uniform([3], seed=random_seed)
    # The margins inclusive: 286 to 256 has the 31 offsets 0..30. The greatest draw is 1 - 2**-23,
    # so that even rounded to float32 the product stays below the number of places.
    places = [load - fine + 1 for load, fine in zip(pair_format.load_size, pair_format.fine_size)]
    offset = tf.cast(draws[:2] * tf.constant(places, tf.float32), tf.int32)
    halves = _resize_and_crop(halves, pair_format.load_size, offset, pair_format.fine_size)
    if flip:
        halves = tf.cond(draws[2] < 0.5, lambda: _mirror(halves), lambda: halves)
    return _ordered_and_scaled(halves, pair_format)


def _read_halves(path):
    """Reads a file into uint8 [2, height, width // 2, 3]: A, then B."""
    pair = decode_picture(tf.io.read_file(path))
    height, half = tf.shape(pair)[0], tf.shape(pair)[1] // 2
    # Every row of the file is a row of A followed by one of B. Gathering whole rows is several
    # times as fast in TensorFlow 1.15 as slicing and stacking, or as a transpose.
    rows = tf.reshape(pair[:, : 2 * half], [2 * height, half * 3])
    row_numbers = tf.concat([tf.range(0, 2 * height, 2), tf.range(1, 2 * height, 2)], axis=0)
    return tf.reshape(tf.gather(rows, row_numbers), [2, height, half, 3])


def _resize_and_crop(halves, size, offset, window):
    """Resizes both halves and cuts the same window out of both.

    Resizing is bilinear with half-pixel centres; when a side gets smaller the triangle filter is
    widened to match, as in Pillow, since plain bilinear sampling would alias.

    Args:
        halves: uint8 [2, any height, any width, 3].
        size: (height, width) to resize to.
        offset: int32 tensor [2], the (top, left) of the window in the resized picture; None if
            `window` is all of it.
        window: (height, width) of the window.

    Returns:
        float32 [2, window height, window width, 3] in [0, 255].
    """
    present = tf.shape(halves)[1:3]

    def crop(pictures):
        if tuple(size) == tuple(window):
            return pictures
        return tf.slice(pictures, tf.concat([[0], offset, [0]], axis=0), [2, *window, 3])

    def keep():
        # Cropped first, so that only the pixels needed are converted.
        return tf.cast(crop(halves), tf.float32)

    def enlarge():
        # The raw op, since `resize_images` of compat.v1 has no half-pixel centres.
        return crop(tf.raw_ops.ResizeBilinear(images=halves, size=size, half_pixel_centers=True))

    def shrink():
        # This op could serve for all sizes, but takes three times as long as ResizeBilinear to
        # enlarge. It computes the window alone; the weights may add up to a little over 1.
        translation = tf.zeros([2]) if offset is None else -tf.cast(offset, tf.float32)
        pictures = tf.raw_ops.ScaleAndTranslate(
            images=halves,
            size=window,
            scale=tf.constant(size, tf.float32) / tf.cast(present, tf.float32),
            translation=translation,
            kernel_type="triangle",
            antialias=True,
        )
        return tf.clip_by_value(pictures, 0.0, 255.0)

    pictures = tf.cond(
        tf.reduce_all(tf.equal(present, size)),
        keep,
        lambda: tf.cond(tf.reduce_all(present <= size), enlarge, shrink),
    )
    # Said here, not by ensure_shape within the branches: TensorFlow 1.15's graph optimizer would
    # take a branch's shape for that of the file, and so fold the condition to true.
    pictures.set_shape([2, *window, 3])
    return pictures


def _mirror(halves):
    """Mirrors both halves left to right, each in its place."""
    _, height, width, channels = halves.shape.as_list()
    # As one tall picture, for which TensorFlow's reverse has a fast path (a fifth of the time).
    tall = tf.reshape(halves, [2 * height, width, channels])
    return tf.reshape(tf.reverse(tall, axis=[1]), [2, height, width, channels])


def _ordered_and_scaled(halves, pair_format):
    """Turns float32 [2, H, W, 3] in [0, 255] into `({"input": x}, y)` in [-1, 1]."""
    halves = halves / 127.5 - 1.0
    first, second = (0, 1) if pair_format.direction == "AtoB" else (1, 0)
    x = _with_channels(halves[first], pair_format.input_channels)
    y = _with_channels(halves[second], pair_format.output_channels)
    return {"input": x}, y


def _with_channels(picture, channels):
    return tf.image.rgb_to_grayscale(picture) if channels == 1 else picture
