"""Label pictures as planes, one to a class, and back to their colours."""

import itertools

import tensorflow.compat.v1 as tf


def planes_of(pictures, palette):
    """Gives each pixel to the class whose colour is nearest (Euclidean, in RGB).

    Nearest, since JPEG leaves few pixels in the colours proper, and drawings have soft edges. It is
    done before resizing: a mixture of two classes' colours may be that of a third.

    Args:
        pictures: uint8 or float32 [number, height, width, 3 or 4] in [0, 255].
        palette: Tuple of (red, green, blue) in 0..255, a class each.

    Returns:
        float32 [number, height, width, classes]: 255 in the plane of the class, else 0. So planes
        can be resized as pictures are.
    """
    colours = tf.constant(palette, tf.float32)
    shape = tf.shape(pictures)
    pixels = tf.reshape(tf.cast(pictures[..., :3], tf.float32), [-1, 3])
    # |p - c|^2 less |p|^2, which is the same for all classes. All are whole numbers below 2**24 for
    # pictures of 8 bits, so ties are ties: the first class has them.
    distances = tf.reduce_sum(colours**2, axis=1) - 2.0 * tf.matmul(
        pixels, colours, transpose_b=True
    )
    planes = tf.one_hot(tf.argmin(distances, axis=1), len(palette), on_value=255.0)
    planes = tf.reshape(planes, tf.concat([shape[:-1], [len(palette)]], axis=0))
    planes.set_shape([*pictures.shape.as_list()[:-1], len(palette)])
    return planes


def classified(stacks, palettes):
    """Turns the label maps of a pair into planes.

    Args:
        stacks: One stack of A and B, or two stacks of one picture, uint8 or float32 in [0, 255].
        palettes: Of A and of B, as for `planes_of`; None for a picture.

    Returns:
        The stacks as they are if there is no palette; else two of one picture, since what is made
        of them differs in channels.
    """
    if palettes == (None, None):
        return stacks
    pictures = [tf.expand_dims(each, 0) for each in itertools.chain(*map(tf.unstack, stacks))]
    return [
        picture if palette is None else planes_of(picture, palette)
        for picture, palette in zip(pictures, palettes)
    ]


def one_class_each(planes):
    """Gives each pixel of resized planes to the class that has most of it.

    Args:
        planes: float32 [..., classes] in [0, 255].

    Returns:
        Like it: 1 for the class, else 0; all 0 where no class has anything, beyond a picture's
        edge.
    """
    classes = planes.shape.as_list()[-1]
    most = tf.one_hot(tf.argmax(planes, axis=-1), classes)
    return most * tf.cast(tf.reduce_max(planes, axis=-1, keepdims=True) > 0.0, tf.float32)


def colours_of(planes, palette):
    """Shows the class that has most of each pixel.

    Args:
        planes: float32 [..., classes], what the network takes or gives.
        palette: As for `planes_of`.

    Returns:
        float32 [..., 3] in [-1, 1], in colours of the palette alone.
    """
    colours = tf.constant(palette, tf.float32) / 127.5 - 1.0
    return tf.gather(colours, tf.argmax(planes, axis=-1))
