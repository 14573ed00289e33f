"""The bytes of a file to a picture: JPEG, PNG of 8 and 16 bits with or without alpha, arrays."""

import tensorflow.compat.v1 as tf

from input_fn.arrays import decode_array
from input_fn.orientation import orientation_of, turned_upright
from input_fn.tiff import SIGNATURES, require_reader
from input_fn.units import GREY, Band, levels_of_tensor
from input_fn.weights import FULL, validity

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


def decoder(kinds, channels, alpha, bands, counting=None):
    """Makes the function that decodes files of some kinds.

    Args:
        kinds: Set of JPEG, PNG, NPY, TIFF: all that may occur; and TURNED, if any is not upright.
        channels: Channels of the tensor that the file is for.
        alpha: As of `PairFormat`.
        bands: For each of the pictures side by side in the file, its tuple of `Band`; None for the
            range of the file's type.
        counting: `Counting`, if not all pixels count.

    Returns:
        Function from a scalar string tensor, a file's bytes, to [height, width, c]; uint8, or
        float32 in [0, 255] where 8 bits may not suffice. c is 3 or 4 as `picture_channels` says,
        or `channels` if there are arrays; with `counting` one more, the weight (see `weights`).

    Raises:
        MissingPackageError: There are TIFF files and no package that reads them.
    """
    if TURNED in kinds:
        decode = decoder(kinds - {TURNED}, channels, alpha, bands, counting)
        return lambda contents: turned_upright(decode(contents), orientation_of(contents))
    stored = picture_channels(channels, alpha)
    if kinds <= {JPEG} and stored == 3 and counting is None:
        return decode_picture
    picture = _picture_decoder(PNG in kinds, stored, alpha, bands, counting)
    arrays = kinds & ARRAYS
    if not arrays:
        return picture
    if TIFF in arrays:
        require_reader("the data: ")

    def array(contents):
        decoded = tf.numpy_function(
            lambda content: decode_array(content, channels, bands, alpha, counting),
            [contents],
            tf.float32,
        )
        decoded.set_shape([None, None, channels + (counting is not None)])
        return decoded

    def fitting_picture(contents):
        pixels = picture(contents)
        if counting is None:
            return with_channels(pixels, channels)
        return tf.concat([with_channels(pixels[..., :-1], channels), pixels[..., -1:]], axis=-1)

    if kinds == arrays:
        return array
    return lambda contents: tf.cond(
        _holds_array(contents),
        lambda: array(contents),
        lambda: fitting_picture(contents),
    )


def _holds_array(contents):
    is_npy = tf.equal(tf.strings.substr(contents, 1, 5), b"NUMPY")
    is_tiff = tf.reduce_any(tf.equal(tf.strings.substr(contents, 0, 4), SIGNATURES))
    return is_npy | is_tiff


def is_eight_bits(content):
    """Says whether a file, given its bytes, is a JPEG or PNG picture whose levels are 0 to 255."""
    if content.startswith(b"\x89PNG"):
        return content[_BIT_DEPTH_AT : _BIT_DEPTH_AT + 1] != _SIXTEEN
    return content.startswith(b"\xff\xd8")


def with_channels(picture, channels):
    """Turns RGB or RGBA [..., 3 or 4] into grey, RGB or RGBA; what has that many stays as it is."""
    present = picture.shape.as_list()[-1]
    if channels == 1 and present in (3, 4):
        # Unlike tf.image's, the weights add up to 1: white is white.
        weights = tf.constant(GREY, tf.float32)
        return tf.reduce_sum(picture[..., :3] * weights, axis=-1, keepdims=True)
    return picture[..., :channels] if channels < present else picture


def _picture_decoder(may_be_png, channels, alpha, bands, counting):
    """Makes the decoder of JPEG and PNG files that keeps 16 bits and heeds alpha."""
    bands = bands or ((Band(0.0, _SIXTEEN_BIT_WHITE),),)
    stored = 3 if alpha == "drop" else 4

    def raw(contents, kind=tf.uint8):
        return tf.cast(tf.image.decode_png(contents, channels=stored, dtype=kind), tf.float32)

    def with_validity(pixels, levels):
        """Adds whether there is data as one more channel, if that is of interest."""
        if counting is None:
            return levels
        return tf.concat([levels, FULL * validity(pixels[..., :3], counting.nodata)], axis=-1)

    def eight_bits(contents):
        pixels = raw(contents)
        return with_validity(pixels, pixels)

    def sixteen_bits(contents):
        pixels = raw(contents, tf.uint16)
        colours = levels_of_tensor(pixels[..., :3], bands)
        alphas = pixels[..., 3:] * (255.0 / _SIXTEEN_BIT_WHITE)
        return with_validity(pixels, tf.concat([colours, alphas], axis=-1))

    def png(contents):
        is_deep = tf.equal(tf.strings.substr(contents, _BIT_DEPTH_AT, 1), _SIXTEEN)
        return tf.cond(is_deep, lambda: sixteen_bits(contents), lambda: eight_bits(contents))

    def jpeg(contents):
        pixels = tf.cast(decode_picture(contents), tf.float32)
        opaque = tf.fill(tf.concat([tf.shape(pixels)[:2], [1]], axis=0), 255.0)
        further = stored - 3 + (counting is not None)
        return tf.concat([pixels, *[opaque] * further], axis=-1) if further else pixels

    def decode(contents):
        if may_be_png:
            is_png = tf.equal(tf.strings.substr(contents, 1, 3), b"PNG")
            pixels = tf.cond(is_png, lambda: png(contents), lambda: jpeg(contents))
        else:
            pixels = jpeg(contents)
        pixels.set_shape([None, None, stored + (counting is not None)])
        opacity = pixels[..., 3:4] / 255.0
        colours = pixels[..., :channels]
        if alpha == "white":
            colours = pixels[..., :3] * opacity + 255.0 * (1.0 - opacity)
        if counting is None:
            return colours
        weights = pixels[..., stored:] * (1.0 / FULL)
        weights = weights * opacity if counting.by_alpha else weights
        return tf.concat([colours * weights, weights * FULL], axis=-1)

    return decode
