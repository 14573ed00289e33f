"""Convolutions as matrix products, for CPUs.

TensorFlow's own convolutions are fast on CPUs where a picture has many pixels. Their gradients by
the kernel, and all of them where a picture has few pixels and the kernel is large, take several
times as long as a product of the same size (docs/performance.md has the figures).

All three maps between a picture of twice the size ("large"), one of half its sides ("small") and a
kernel [4, 4, channels of large, channels of small] are here: large and kernel to small, small and
kernel to large, and both pictures to the kernel. Shapes are static, pictures float NHWC.
"""

import functools

import numpy as np
import tensorflow.compat.v1 as tf

from model_fn.operations import ONE_PIXEL, Operations, convolve, convolve_transposed

_KERNEL = 4
# With fewer channels, as pictures have, rows are too short to be gathered.
_FEWEST_CHANNELS = 16


def convolve_by_products(x, kernel, stride, record=None):
    """Convolves; see `Operations.convolve` and `recorded`. The batch is static as well."""
    channels, filters = kernel.shape.as_list()[2:]
    if stride == 1 and filters == 1:
        return _convolve_to_one_channel(x, kernel)
    if channels < _FEWEST_CHANNELS:
        return convolve(x, kernel, stride)

    @tf.custom_gradient
    def convolution(x, kernel):
        patches = _patches(x, stride)
        if _has_few_pixels(x.shape, stride, filters):
            y = _patches_to_small(patches, kernel, x, stride)
        else:
            y = convolve(x, kernel, stride)

        def gradients(gradient):
            by_kernel = _to_kernel(patches, gradient, kernel)
            if record is not None:
                record(by_kernel, _multiply(kernel, stride), x, gradient)
            return _to_large(gradient, kernel, x.shape.as_list(), stride), by_kernel

        return y, gradients

    return convolution(x, tf.convert_to_tensor(kernel))


def convolve_transposed_by_products(x, kernel, record=None):
    """Convolves with the transpose of stride 2; see `Operations.convolve_transposed`."""
    filters, channels = kernel.shape.as_list()[2:]
    if filters < _FEWEST_CHANNELS:
        return convolve_transposed(x, kernel)
    batch, height, width, _ = x.shape.as_list()

    @tf.custom_gradient
    def convolution(x, kernel):
        y = _to_large(x, kernel, [batch, 2 * height, 2 * width, filters], stride=2)

        def gradients(gradient):
            patches = _patches(gradient, stride=2)
            if _has_few_pixels(gradient.shape, 2, channels):
                by_x = _patches_to_small(patches, kernel, gradient, stride=2)
            else:
                by_x = convolve(gradient, kernel, stride=2)
            by_kernel = _to_kernel(patches, x, kernel)
            if record is not None:
                record(by_kernel, _multiply(kernel, stride=2), gradient, x)
            return by_x, by_kernel

        return y, gradients

    return convolution(x, tf.convert_to_tensor(kernel))


def leaky_relu_by_halves(x, alpha):
    """Computes max(x, alpha x), whose own gradient operation is slow in bfloat16."""

    @tf.custom_gradient
    def activation(x):
        y = tf.nn.leaky_relu(x, alpha)

        def gradients(gradient):
            return alpha * gradient + (1.0 - alpha) * tf.raw_ops.ReluGrad(
                gradients=gradient, features=x
            )

        return y, gradients

    return activation(x)


BY_PRODUCTS = Operations(convolve_by_products, convolve_transposed_by_products, tf.nn.leaky_relu)
BY_PRODUCTS_IN_BFLOAT16 = BY_PRODUCTS._replace(leaky_relu=leaky_relu_by_halves)


def recorded(operations, record):
    """Makes operations that tell what the gradients by kernels are products of.

    Such a gradient is a sum over the pixels of all pictures, so that it may as well be computed of
    more pictures than are in this step's batch.

    Args:
        operations: `BY_PRODUCTS` or `BY_PRODUCTS_IN_BFLOAT16`.
        record: Function of (gradient, multiply, large, small): the tensor; a function of pictures
            of another batch, like large and small, that computes such a gradient of them; and the
            pictures that it is of, float NHWC of static shape.

    Returns:
        `Operations`.
    """
    return operations._replace(
        convolve=functools.partial(convolve_by_products, record=record),
        convolve_transposed=functools.partial(convolve_transposed_by_products, record=record),
    )


def _has_few_pixels(shape_of_large, stride, channels_of_small):
    """Whether the kernel is so large beside the picture that reading it decides the time."""
    _, height, width, _ = tf.TensorShape(shape_of_large).as_list()
    return stride == 2 and (height // 2) * (width // 2) <= channels_of_small


def _small_sides(large, stride):
    _, height, width, _ = large.shape.as_list()
    return (height // 2, width // 2) if stride == 2 else (height - 1, width - 1)


def _patches(large, stride):
    """Gathers what each pixel of the small picture sees: [batch x pixels, 16 channels]."""
    batch, height, width, channels = large.shape.as_list()
    small_height, small_width = _small_sides(large, stride)
    padded_height, padded_width = height + 2, width + 2
    # By broadcasting in the graph: as one constant it would be megabytes of every event file.
    pictures, rows, columns = (
        tf.constant(offsets, tf.int32)
        for offsets in (
            np.arange(batch).reshape(-1, 1, 1, 1, 1) * (padded_height * padded_width),
            (
                np.arange(small_height).reshape(-1, 1, 1, 1) * stride
                + np.arange(_KERNEL).reshape(-1, 1)
            )
            * padded_width,
            np.arange(small_width).reshape(-1, 1, 1) * stride + np.arange(_KERNEL),
        )
    )
    pixels = tf.reshape(tf.pad(large, ONE_PIXEL), [-1, channels])
    patches = tf.gather(pixels, tf.reshape(pictures + (rows + columns), [-1]))
    return tf.reshape(patches, [batch * small_height * small_width, _KERNEL * _KERNEL * channels])


def _patches_to_small(patches, kernel, large, stride):
    filters = kernel.shape.as_list()[-1]
    small = tf.matmul(patches, tf.reshape(kernel, [-1, filters]))
    return tf.reshape(small, [-1, *_small_sides(large, stride), filters])


def _to_kernel(patches, small, kernel):
    filters = small.shape.as_list()[-1]
    small = tf.reshape(small, [-1, filters])
    # The larger matrix goes first, which TensorFlow 1.15 packs at less cost.
    if small.shape.as_list()[0] > filters:
        product = tf.transpose(tf.matmul(small, patches, transpose_a=True))
    else:
        product = tf.matmul(patches, small, transpose_a=True)
    return tf.reshape(product, kernel.shape.as_list())


def _multiply(kernel, stride):
    """Makes the function of both pictures, of any batch, to the gradient by a kernel."""
    return lambda large, small: _to_kernel(_patches(large, stride), small, kernel)


def _to_large(small, kernel, shape, stride):
    """Distributes each pixel of the small picture over the 4x4 pixels that it sees."""
    batch, height, width, channels = shape
    filters = kernel.shape.as_list()[-1]
    if stride == 1:
        # As a convolution with the kernel turned round, which takes less time.
        turned = tf.transpose(tf.reverse(kernel, axis=[0, 1]), [0, 1, 3, 2])
        around = tf.pad(small, [[0, 0], [2, 2], [2, 2], [0, 0]])
        return tf.nn.conv2d(around, turned, [1, 1, 1, 1], "VALID")
    if not _has_few_pixels(shape, stride, filters):
        return tf.nn.conv2d_backprop_input(shape, kernel, small, [1, 2, 2, 1], "SAME")
    # The kernel, the larger matrix, comes first and as it lies in memory.
    taps = tf.matmul(
        tf.reshape(kernel, [-1, filters]), tf.reshape(small, [-1, filters]), transpose_b=True
    )
    taps = tf.reshape(taps, [_KERNEL, _KERNEL, channels, batch, height // 2, width // 2])
    rows = _overlap(taps, axis=-2)
    # [row of 2, column of 2, channels, batch, height / 2, width / 2]
    pixels = tf.stack([tf.stack(_overlap(row, axis=-1)) for row in rows])
    return tf.reshape(tf.transpose(pixels, [3, 4, 0, 5, 1, 2]), shape)


def _overlap(taps, axis):
    """Adds up, along one side, what the four taps leave in even and in odd pixels.

    Pixel i of the small picture reaches pixels 2 i - 1 to 2 i + 2 of the large one by taps 0 to 3.
    """
    even = taps[1] + _shifted(taps[3], axis, towards_end=True)
    odd = taps[2] + _shifted(taps[0], axis, towards_end=False)
    return even, odd


def _shifted(x, axis, towards_end):
    """Moves all values along an axis by one; the free place gets zero, the last one is lost."""
    rank = len(x.shape)
    paddings = [[0, 0]] * rank
    begin, size = [0] * rank, x.shape.as_list()
    size[axis] -= 1
    if towards_end:
        paddings[axis % rank] = [1, 0]
    else:
        begin[axis % rank] = 1
        paddings[axis % rank] = [0, 1]
    return tf.pad(tf.slice(x, begin, size), paddings)


def _convolve_to_one_channel(x, kernel):
    """Convolves with stride 1 to one channel, as a matrix product and a sum of shifted maps.

    TensorFlow's convolution turns to matrix times vector here, and its gradients take as long as
    those of a layer with hundreds of filters: on CPUs this form is some 15 times as fast.
    """
    _, height, width, channels = x.shape.as_list()
    taps = _KERNEL * _KERNEL
    maps = tf.matmul(
        tf.reshape(x, [-1, channels]), tf.reshape(kernel, [taps, channels]), transpose_b=True
    )
    maps = tf.pad(tf.reshape(maps, [-1, height, width, taps]), ONE_PIXEL)
    # Map number k holds the products with tap k: a kernel of ones picks each at its tap's place.
    shifts = tf.constant(np.eye(taps).reshape(_KERNEL, _KERNEL, taps, 1), x.dtype)
    return tf.nn.conv2d(maps, shifts, strides=[1, 1, 1, 1], padding="VALID")
