"""The layers that the networks are made of. All pictures are NHWC.

Kernels are initialised as the variable scope says that a network is built in. A convolution is
computed in the type of its kernel, which is float32 but in `kernels_as`; all else is float32.
"""

import contextlib

import tensorflow.compat.v1 as tf

from model_fn.operations import PLAIN

_KERNELS = ("kernel", "depthwise", "pointwise")  # Names of the variables that are such.
KERNEL = 4  # Of the paper's networks (section 6.1).
REFLECTION, ZEROS = "reflection", "zeros"
LEAK = 0.2  # Slope of LeakyReLU below zero (paper, section 6.1).


@contextlib.contextmanager
def kernels_as(dtype):
    """Has the layers that are built within take their kernels, float32 variables, as a type.

    Args:
        dtype: `tf.float32`, `tf.bfloat16` or `tf.float16`.
    """

    def cast(getter, name, *arguments, **keywords):
        variable = getter(name, *arguments, **keywords)
        return tf.cast(variable, dtype) if name.rpartition("/")[-1] in _KERNELS else variable

    if dtype == tf.float32:
        yield
        return
    with tf.variable_scope(tf.get_variable_scope(), custom_getter=cast):
        yield


def as_it_is(kernel):
    """Returns a kernel as it is, where others constrain it."""
    return kernel


def finished(x, network):
    """Brings the last layer's numbers to the range of pictures, or to shares of classes.

    Args:
        x: float32 [batch, height, width, output_channels].
        network: `NetworkConfig`.

    Returns:
        Like x: in [-1, 1]; or with `output_classes` at least 0, and 1 in sum for each pixel.
    """
    return tf.nn.softmax(x) if network.output_classes else tf.tanh(x)


def convolution(x, filters, stride, operations=PLAIN, constrain=as_it_is):
    """Convolves with a 4x4 kernel, one pixel of zeros around the picture, and adds a bias.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.
        stride: 2 halves both (even) sides, 1 takes one pixel off them.
        operations: `Operations` to compute it with.
        constrain: Function from the kernel to the one that is used.

    Returns:
        float [batch, new height, new width, filters].
    """
    kernel = constrain(_kernel([KERNEL, KERNEL, _channels(x), filters]))
    return _with_bias(operations.convolve(_as(kernel, x), kernel, stride), filters)


def transposed_convolution(x, filters, operations=PLAIN):
    """Doubles both sides with a 4x4 transposed convolution of stride 2 and adds a bias.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.
        operations: `Operations` to compute it with.

    Returns:
        float [batch, 2 height, 2 width, filters].
    """
    kernel = _kernel([KERNEL, KERNEL, filters, _channels(x)])
    return _with_bias(operations.convolve_transposed(_as(kernel, x), kernel), filters)


def resized_convolution(x, filters, operations=PLAIN):
    """Doubles both sides by repeating pixels, then convolves with a 3x3 kernel, and adds a bias.

    Each output pixel is reached by the same number of weights, while a transposed convolution
    leaves a grid where its taps are not in balance (Odena et al. 2016, "Deconvolution and
    Checkerboard Artifacts").

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.
        operations: `Operations` to compute it with.

    Returns:
        float [batch, 2 height, 2 width, filters].
    """
    kernel = tf.transpose(_kernel([3, 3, _channels(x), filters]), [0, 1, 3, 2])
    for axis in (0, 1):
        kernel = _of_repeated(kernel, axis)
    return _with_bias(operations.convolve_transposed(_as(kernel, x), kernel), filters)


def separable_convolution(x, filters, stride):
    """Convolves each channel with a 4x4 kernel, then mixes channels, and adds a bias.

    The padding is TensorFlow's SAME, as in affinelayer's program: with stride 1 one line of zeros
    before the picture and two after it.

    Args:
        x: float [batch, height, width, channels]; channels are static.
        filters: Number of output channels.
        stride: 1, or 2, which halves both (even) sides.

    Returns:
        float [batch, height / stride, width / stride, filters].
    """
    channels = _channels(x)
    depthwise = tf.get_variable("depthwise", [KERNEL, KERNEL, channels, 1])
    pointwise = tf.get_variable("pointwise", [1, 1, channels, filters])
    strides = [1, stride, stride, 1]
    x = tf.nn.separable_conv2d(_as(pointwise, x), depthwise, pointwise, strides, "SAME")
    return _with_bias(x, filters)


def resized_separable_convolution(x, filters):
    """Doubles both sides by repeating pixels, then convolves as `separable_convolution`."""
    return separable_convolution(_repeated(x), filters, stride=1)


def padded_convolution(x, filters, size, stride=1, padding=REFLECTION, constrain=as_it_is):
    """Convolves with a kernel of odd size; a picture keeps its sides, or stride 2 halves them.

    Args:
        x: float [batch, height, width, channels]; channels are static.
        filters: Number of output channels.
        size: Of the kernel, odd: 1, 3, 7.
        stride: 1 or 2.
        padding: `REFLECTION`, the picture's mirror image around it, or `ZEROS`.
        constrain: Function from the kernel to the one that is used.

    Returns:
        float [batch, height / stride, width / stride, filters].
    """
    kernel = constrain(_kernel([size, size, _channels(x), filters]))
    x = _as(kernel, x)
    lines = size // 2
    if padding == ZEROS:
        x = tf.pad(x, [[0, 0], [lines, lines], [lines, lines], [0, 0]])
    elif lines:
        x = _reflected(_reflected(x, lines, axis=1), lines, axis=2)
    return _with_bias(tf.nn.conv2d(x, kernel, [1, stride, stride, 1], "VALID"), filters)


def padded_transposed_convolution(x, filters):
    """Doubles both sides with a 3x3 transposed convolution of stride 2 and adds a bias.

    It is the transpose of `padded_convolution` with zeros, size 3 and stride 2.

    Args:
        x: float [batch, height, width, channels]; height, width and channels are static.
        filters: Number of output channels.

    Returns:
        float [batch, 2 height, 2 width, filters].
    """
    batch, height, width, channels = x.shape.as_list()
    kernel = _kernel([3, 3, filters, channels])
    batch = tf.shape(x)[0] if batch is None else batch
    # The first line and column fall on the zeros around the picture.
    shape = [batch, 2 * height + 1, 2 * width + 1, filters]
    x = tf.nn.conv2d_transpose(_as(kernel, x), kernel, shape, [1, 2, 2, 1], "VALID")[:, 1:, 1:]
    return _with_bias(x, filters)


def leaky_relu(x, operations=PLAIN):
    """max(x, 0.2 x)."""
    return operations.leaky_relu(x, LEAK)


def _kernel(shape):
    return tf.get_variable("kernel", shape)


def _with_bias(x, filters):
    bias = tf.get_variable("bias", [filters], initializer=tf.zeros_initializer())
    return tf.nn.bias_add(_as(bias, x), bias)


def _as(weights, x):
    """Gives a picture the type of the weights that it is about to meet."""
    return tf.cast(x, weights.dtype)


def _channels(x):
    return x.shape.as_list()[-1]


def _reflected(x, lines, axis):
    """Puts the mirror image of so many lines before and after the picture, without the outermost.

    NPUs leave TensorFlow's own operation to their slow helper.
    """
    length = x.shape.as_list()[axis]
    before = _lines(x, axis, 1, lines)
    after = _lines(x, axis, length - 1 - lines, lines)
    return tf.concat([tf.reverse(before, [axis]), x, tf.reverse(after, [axis])], axis=axis)


def _lines(x, axis, first, count):
    begin, size = [0] * 4, [-1] * 4
    begin[axis], size[axis] = first, count
    return tf.slice(x, begin, size)


def _of_repeated(kernel, axis):
    """Makes four lines of a kernel's three, for a picture whose pixels are not repeated yet.

    What two equal pixels meet adds up. So the larger picture, of four times the pixels, is neither
    made nor convolved.
    """
    first, second, third = tf.unstack(kernel, axis=axis)
    return tf.stack([third, second + third, first + second, first], axis=axis)


def _repeated(x):
    """Makes two by two pixels of each."""
    _, height, width, _ = x.shape.as_list()
    return tf.image.resize_nearest_neighbor(x, [2 * height, 2 * width])
