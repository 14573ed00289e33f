"""Photos that cameras store lying on their side: reading which way up, and turning them."""

import numpy as np
import tensorflow.compat.v1 as tf

UPRIGHT = 1
EXIF_TAG = 0x0112  # Of the orientation, EXIF 2.32, section 4.6.4.

# What stands before the TIFF structure that holds EXIF's tags: in JPEG files (EXIF 2.32, section
# 4.7.2), and in PNG files, as the type of a chunk.
_SIGNATURES = (b"Exif\0\0", b"eXIf")
# A segment of a JPEG file has this length at most, and EXIF's is to be the first.
_SEARCHED = 1 << 16
_ENTRIES = 64
_ENTRY_BYTES = 12
# Orientations, of 1 to 8, in which rows and columns are exchanged, and then each axis is mirrored.
_EXCHANGED = (5, 6, 7, 8)
_MIRRORED_VERTICALLY = (3, 4, 7, 8)
_MIRRORED_HORIZONTALLY = (2, 3, 6, 7)


def is_turned(orientation):
    """Says whether EXIF's number, of a file, means that it has to be turned or mirrored."""
    return orientation in range(UPRIGHT + 1, 9)


def orientation_of(contents):
    """Reads the orientation out of a JPEG or PNG file.

    Args:
        contents: Scalar string tensor, the bytes of the file.

    Returns:
        int32 scalar, EXIF's number from 1 to 8; 1, which is upright, where there is none.
    """
    head = tf.io.decode_raw(tf.strings.substr(contents, 0, _SEARCHED), tf.uint8)
    size = tf.size(head)
    starts = [_places_of(signature, head) + len(signature) for signature in _SIGNATURES]
    start = tf.reduce_min(tf.concat([*starts, [size]], axis=0))
    # What lies beyond the end is read as 0, which is no tag.
    head = tf.concat([tf.cast(head, tf.int32), [0]], axis=0)
    is_little_endian = tf.cast(tf.equal(tf.gather(head, start), ord("I")), tf.int32)

    def number(places, count):
        digits = [tf.gather(head, tf.clip_by_value(places + n, 0, size)) for n in range(count)]
        little = sum(digit * (1 << 8 * n) for n, digit in enumerate(digits))
        big = sum(digit * (1 << 8 * n) for n, digit in enumerate(reversed(digits)))
        return is_little_endian * little + (1 - is_little_endian) * big

    # A TIFF file: the order of its bytes, 42, the place of the first directory; there a count, and
    # entries of a tag, a type, a count and a value.
    directory = start + number(start + 4, 4)
    entries = directory + 2 + _ENTRY_BYTES * tf.range(_ENTRIES)
    is_orientation = tf.equal(number(entries, 2), EXIF_TAG)
    is_listed = tf.range(_ENTRIES) < number(directory, 2)
    values = number(entries + 8, 2)
    is_valid = is_orientation & is_listed & (values >= 1) & (values <= 8)
    found = tf.boolean_mask(values, is_valid)
    return tf.concat([found, [UPRIGHT]], axis=0)[0]


def _places_of(signature, head):
    count = tf.maximum(tf.size(head) - len(signature) + 1, 0)
    matches = [tf.equal(head[n : n + count], byte) for n, byte in enumerate(signature)]
    return tf.cast(tf.where(tf.reduce_all(matches, axis=0))[:, 0], tf.int32)


def turned_upright(picture, orientation):
    """Turns and mirrors a picture as EXIF's number says.

    Args:
        picture: [height, width, channels].
        orientation: int32 scalar, 1 to 8.

    Returns:
        A tensor of the type of `picture`.
    """

    def where(numbers, change, present):
        is_due = tf.reduce_any(tf.equal(orientation, numbers))
        return tf.cond(is_due, lambda: change(present), lambda: present)

    turned = where(_EXCHANGED, lambda x: tf.transpose(x, [1, 0, 2]), picture)
    turned = where(_MIRRORED_VERTICALLY, lambda x: tf.reverse(x, axis=[0]), turned)
    turned = where(_MIRRORED_HORIZONTALLY, lambda x: tf.reverse(x, axis=[1]), turned)
    turned.set_shape([None, None, picture.shape.as_list()[-1]])
    return turned


def turned_array(picture, orientation):
    """Does as `turned_upright` to an array [height, width, channels]."""
    turned = np.swapaxes(picture, 0, 1) if orientation in _EXCHANGED else picture
    turned = turned[::-1] if orientation in _MIRRORED_VERTICALLY else turned
    return turned[:, ::-1] if orientation in _MIRRORED_HORIZONTALLY else turned


def turned_size(size, orientation):
    """Says which (height, width) `turned_array` makes of that of a picture."""
    return size[::-1] if orientation in _EXCHANGED else size
