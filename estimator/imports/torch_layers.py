"""Layers of PyTorch as layers of this program."""

import numpy as np

from model_fn import NORMS

BATCH, INSTANCE, NONE = NORMS

# [out, in, height, width] to [height, width, in, out]; of transposed convolutions, whose first axis
# is the input, to [height, width, out, in].
_AXES = (2, 3, 1, 0)


def kernel(weights, name):
    """Reads a kernel: PyTorch's axes to TensorFlow's, of both kinds of convolution."""
    return np.ascontiguousarray(weights.take(f"{name}.weight", 4).transpose(_AXES))


def layer(weights, name, filters_axis, norm=None):
    """Reads a convolution, and the norm after it.

    Args:
        weights: `Weights`.
        name: Of the convolution there.
        filters_axis: Of the kernel: 3, or 2 of a transposed convolution.
        norm: Name of the batch norm there; None for no norm, or one without parameters.

    Returns:
        Dict of the variables' last names. A bias that is not there is one of zeros.

    Raises:
        DataError: Something is not there.
    """
    read = {"kernel": kernel(weights, name)}
    filters = read["kernel"].shape[filters_axis]
    read["bias"] = weights.take_or(f"{name}.bias", np.zeros(filters, np.float32))
    if norm is not None:
        read["gamma"] = weights.take(f"{norm}.weight", 1)
        read["beta"] = weights.take(f"{norm}.bias", 1)
    return read


def norm_of(weights, name, norm):
    """Tells the norm of a network by one layer.

    Instance norm has no parameters there, but the convolution before it a bias, which those before
    batch norm lack, and those without a norm as well.

    Args:
        weights: `Weights`.
        name: Of a convolution.
        norm: Name of what comes after it.

    Returns:
        "batch", "instance" or "none".
    """
    if f"{norm}.weight" in weights:
        return BATCH
    # The averages are those of instance norm before PyTorch 0.4.
    is_instance = f"{name}.bias" in weights or f"{norm}.running_mean" in weights
    return INSTANCE if is_instance else NONE
