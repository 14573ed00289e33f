"""The bytes of a file to a picture: JPEG, PNG of 8 and 16 bits with or without alpha, arrays."""

import io

import numpy as np
import tensorflow.compat.v1 as tf

from input_fn.orientation import orientation_of, turned_upright
from input_fn.tiff import SIGNATURES, fitting_channels, is_tiff, read_bands, require_reader

JPEG, PNG, NPY, TIFF = "JPEG", "PNG", "NPY", "TIFF"
# Of any type and number of channels, and decoded by Python, not by TensorFlow.
ARRAYS = frozenset({NPY, TIFF})
# Beside JPEG or PNG: that some are to be turned as EXIF says, which only the files themselves tell.
TURNED = "TURNED"

KIND_OF_EXTENSION = {
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".png": PNG,
    ".npy": NPY,
    ".tif": TIFF,
    ".tiff": TIFF,
}

_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow's mode L.

# Where a PNG file says how many bits its samples have (PNG specification, section 11.2.2: after
# the signature of 8 bytes, length and type of the first chunk, width and height).
_BIT_DEPTH_AT = 24
_SIXTEEN = b"\x10"
_SIXTEEN_BIT_WHITE = 65535.0


def decode_picture(contents):
    """Decodes a JPEG or PNG file to 8 bits, fast.

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


def picture_channels(channels, alpha):
    """Says with how many channels a picture file is decoded for a tensor of `channels`.

    Args:
        channels: Of the tensor.
        alpha: As of `PairFormat`.

    Returns:
        3, of which grey is made if need be, or 4 for RGBA.
    """
    return 4 if channels == 4 and alpha == "keep" else 3


def can_be_picture(channels, alpha):
    """Says whether JPEG and PNG files can give so many channels.

    Args:
        channels: Of a tensor.
        alpha: As of `PairFormat`.

    Returns:
        Whether it is 1 or 3, or 4 with the alpha channel kept.
    """
    return channels in (1, 3) or (channels == 4 and alpha == "keep")


def decoder(kinds, channels, alpha, value_range):
    """Makes the function that decodes files of some kinds.

    Args:
        kinds: Set of JPEG, PNG, NPY, TIFF: all that may occur; and TURNED, if any is not upright.
        channels: Channels of the tensor that the file is for.
        alpha: As of `PairFormat`.
        value_range: As of `PairFormat`.

    Returns:
        Function from a scalar string tensor, a file's bytes, to [height, width, c]; uint8, or
        float32 in [0, 255] where 8 bits may not suffice. c is 3 or 4 as `picture_channels` says,
        or `channels` if there are arrays.

    Raises:
        MissingPackageError: There are TIFF files and no package that reads them.
    """
    if TURNED in kinds:
        decode = decoder(kinds - {TURNED}, channels, alpha, value_range)
        return lambda contents: turned_upright(decode(contents), orientation_of(contents))
    if kinds <= {JPEG} and picture_channels(channels, alpha) == 3:
        return decode_picture
    picture = _picture_decoder(PNG in kinds, picture_channels(channels, alpha), alpha, value_range)
    arrays = kinds & ARRAYS
    if not arrays:
        return picture
    if TIFF in arrays:
        require_reader("the data: ")

    def array(contents):
        decoded = tf.numpy_function(
            lambda content: decode_array(content, channels, value_range, alpha),
            [contents],
            tf.float32,
        )
        decoded.set_shape([None, None, channels])
        return decoded

    if kinds == arrays:
        return array
    return lambda contents: tf.cond(
        _holds_array(contents),
        lambda: array(contents),
        lambda: with_channels(picture(contents), channels),
    )


def _holds_array(contents):
    is_npy = tf.equal(tf.strings.substr(contents, 1, 5), b"NUMPY")
    is_tiff = tf.reduce_any(tf.equal(tf.strings.substr(contents, 0, 4), SIGNATURES))
    return is_npy | is_tiff


def decode_array(content, channels, value_range=None, alpha="drop"):
    """Reads the bytes of a .npy or TIFF file.

    Args:
        content: Bytes.
        channels: Number of channels that it must have. Of a TIFF file that holds a picture, grey
            and colours are read as each other, and transparency is left out, as of PNG files.
        value_range: (black, white); None for the range of the type: of whole numbers from their
            smallest to their greatest, of floats and truth values 0 to 1.
        alpha: As of `PairFormat`.

    Returns:
        float32 array [height, width, channels] in [0, 255]; what is out of range is cut off.

    Raises:
        MissingPackageError: It needs a package that is missing.
        ValueError: It is no array of that many channels, or has no numbers in it.
    """
    if is_tiff(content):
        return _decode_tiff(content, channels, value_range, alpha)
    array = np.load(io.BytesIO(content), allow_pickle=False)
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[-1] != channels:
        raise ValueError(f"an array of shape {array.shape} has not {channels} channels")
    return _to_levels(array, value_range)


def _decode_tiff(content, channels, value_range, alpha):
    bands = read_bands(content)
    values, count = bands.values, bands.values.shape[-1]
    if channels not in fitting_channels(count, bands.meaning):
        raise ValueError(f"a TIFF file of {count} bands has not {channels} channels")
    if channels == count or not bands.has_alpha:
        levels = _to_levels(values, value_range)
    else:
        levels = _to_levels(values[..., :-1], value_range)
        if alpha == "white":
            opacity = _to_levels(values[..., -1:], None) / 255.0
            levels = levels * opacity + 255.0 * (1.0 - opacity)
    if levels.shape[-1] == channels:
        return levels
    if channels == 1:
        return levels @ np.array(_GREY, np.float32)[:, None]
    return np.repeat(levels, channels, axis=-1)


def _to_levels(array, value_range):
    """Brings an array's values, of which `value_range` is black and white, to [0, 255]."""
    black, white = value_range or range_of_type(array.dtype)
    scaled = (array.astype(np.float64) - black) * (255.0 / (white - black))
    return scaled.clip(0.0, 255.0).astype(np.float32)


def range_of_type(dtype):
    """Says which values of a NumPy type stand for black and white.

    Raises:
        ValueError: The type is not one of numbers.
    """
    if dtype.kind == "u":
        return 0.0, float(np.iinfo(dtype).max)
    if dtype.kind == "i":
        return float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    if dtype.kind in "fb":
        return 0.0, 1.0
    raise ValueError(f"an array of type {dtype} holds no numbers")


def with_channels(picture, channels):
    """Turns RGB or RGBA [..., 3 or 4] into grey, RGB or RGBA; what has that many stays as it is."""
    present = picture.shape.as_list()[-1]
    if channels == 1 and present in (3, 4):
        # Unlike tf.image's, the weights add up to 1: white is white.
        weights = tf.constant(_GREY, tf.float32)
        return tf.reduce_sum(picture[..., :3] * weights, axis=-1, keepdims=True)
    return picture[..., :channels] if channels < present else picture


def _picture_decoder(may_be_png, channels, alpha, value_range):
    """Makes the decoder of JPEG and PNG files that keeps 16 bits and heeds alpha."""
    black, white = value_range or (0.0, _SIXTEEN_BIT_WHITE)
    stored = 3 if alpha == "drop" else 4

    def eight_bits(contents):
        return tf.cast(tf.image.decode_png(contents, channels=stored), tf.float32)

    def sixteen_bits(contents):
        pixels = tf.image.decode_png(contents, channels=stored, dtype=tf.uint16)
        pixels = tf.cast(pixels, tf.float32)
        colours = tf.clip_by_value((pixels[..., :3] - black) / (white - black), 0.0, 1.0) * 255.0
        return tf.concat([colours, pixels[..., 3:] * (255.0 / _SIXTEEN_BIT_WHITE)], axis=-1)

    def png(contents):
        is_deep = tf.equal(tf.strings.substr(contents, _BIT_DEPTH_AT, 1), _SIXTEEN)
        return tf.cond(is_deep, lambda: sixteen_bits(contents), lambda: eight_bits(contents))

    def jpeg(contents):
        pixels = tf.cast(decode_picture(contents), tf.float32)
        opaque = tf.fill(tf.concat([tf.shape(pixels)[:2], [1]], axis=0), 255.0)
        return pixels if stored == 3 else tf.concat([pixels, opaque], axis=-1)

    def decode(contents):
        if may_be_png:
            is_png = tf.equal(tf.strings.substr(contents, 1, 3), b"PNG")
            pixels = tf.cond(is_png, lambda: png(contents), lambda: jpeg(contents))
        else:
            pixels = jpeg(contents)
        pixels.set_shape([None, None, stored])
        if alpha == "white":
            opacity = pixels[..., 3:] / 255.0
            pixels = pixels[..., :3] * opacity + 255.0 * (1.0 - opacity)
        return pixels[..., :channels]

    return decode
