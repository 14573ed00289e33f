"""The operations that the networks are made of, and which of two ways they are computed in."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

Operations = namedtuple("Operations", ["convolve", "convolve_transposed", "leaky_relu"])
Operations.__doc__ = """How a device computes a training step; all ways give the same numbers, but
for rounding. All pictures are NHWC, all kernels 4x4.

Attributes:
    convolve: Function of (x, kernel, stride): x [batch, height, width, channels] with a static
        height, width and channels, and kernel [4, 4, channels, filters]. Stride 2 halves both
        (even) sides, stride 1 takes one pixel off them; the padding is one pixel on each side.
    convolve_transposed: Function of (x, kernel) with kernel [4, 4, filters, channels], the
        transpose of stride 2: doubles both sides.
    leaky_relu: Function of (x, slope below zero).
"""

ONE_PIXEL = ((0, 0), (1, 1), (1, 1), (0, 0))


def convolve(x, kernel, stride):
    """Convolves by TensorFlow's own operation; see `Operations`."""
    if stride == 1:
        # SAME would add an uneven third line of zeros.
        return tf.nn.conv2d(tf.pad(x, ONE_PIXEL), kernel, [1, 1, 1, 1], "VALID")
    return tf.nn.conv2d(x, kernel, [1, stride, stride, 1], "SAME")


def convolve_transposed(x, kernel):
    """Convolves with the transpose of stride 2 by TensorFlow's own operation; see `Operations`."""
    batch, height, width, _ = x.shape.as_list()
    # Whole numbers where they are known: the offline compiler for NPUs takes no other shape.
    batch = tf.shape(x)[0] if batch is None else batch
    output_shape = [batch, 2 * height, 2 * width, kernel.shape.as_list()[2]]
    return tf.nn.conv2d_transpose(x, kernel, output_shape, [1, 2, 2, 1], "SAME")


PLAIN = Operations(convolve, convolve_transposed, tf.nn.leaky_relu)
