"""The generators of affinelayer's program, and of yenchenlin's where theirs has 4x4 kernels.

All of them are the U-Net with the decoder's output before the encoder's in every concatenation, as
here; they differ in names, and in batch norm on the bottleneck.
"""

import re
from collections import namedtuple

import numpy as np

from estimator.imports.network import ImportedNetwork
from input_fn import DataError

_KERNEL = (4, 4)
_STEP = "global_step"

_Names = namedtuple(
    "_Names", ["program", "encoder", "decoder", "kernel", "bias", "gamma", "beta", "norms"]
)
_Names.__doc__ = """How a program names its variables; {0} is the layer's number.

`kernel` and `bias` are a pair, of encoder and decoder; `norms` another, of scopes."""

_LAYERS = _Names(
    "affinelayer's U-Net",
    "generator/encoder_{0}",
    "generator/decoder_{0}",
    ("conv2d/kernel", "conv2d_transpose/kernel"),
    ("conv2d/bias", "conv2d_transpose/bias"),
    "gamma",
    "beta",
    ("generator/encoder_{0}/batch_normalization", "generator/decoder_{0}/batch_normalization"),
)
_SEPARABLE = _LAYERS._replace(
    program="affinelayer's U-Net of separable convolutions",
    kernel=("separable_conv2d/depthwise_kernel",) * 2,
    bias=("separable_conv2d/bias",) * 2,
)
_OLDER = _LAYERS._replace(  # Of 2017, before it used tf.layers.
    kernel=("conv/filter", "deconv/filter"),
    bias=(None, None),
    gamma="scale",
    beta="offset",
    norms=("generator/encoder_{0}/batchnorm", "generator/decoder_{0}/batchnorm"),
)
_POINTWISE = "separable_conv2d/pointwise_kernel"
_YENCHENLIN = re.compile(r"^(.*/)?g_e1_conv/w$")


def convert(weights, options):
    """Renames the weights.

    Args:
        weights: `Weights` of a checkpoint.
        options: Dict, what its options.json says.

    Returns:
        `ImportedNetwork`.

    Raises:
        DataError: It is another network, or one that cannot be expressed here.
    """
    for names in (_LAYERS, _SEPARABLE, _OLDER):
        if _place(names, 0, 1, names.kernel) in weights:
            return _convert(weights, names, options)
    theirs = next(filter(None, map(_YENCHENLIN.match, weights.names())), None)
    if theirs:
        return _yenchenlin(weights, theirs.group(1) or "", options)
    if "generator/encoder_1/kernel" in weights:
        raise DataError("is a checkpoint of this program; use its folder as it is")
    listed = ", ".join(weights.names()[:2])
    raise DataError(
        f"is a checkpoint of another network ({len(weights.names())} variables: {listed}, ...); "
        "generators of affinelayer's program can be imported"
    )


def _yenchenlin(weights, prefix, options):
    size = weights.shape(f"{prefix}g_e1_conv/w")[:2]
    if size != _KERNEL:
        raise DataError(
            f"is a checkpoint of yenchenlin's or ID0359's program, whose kernels are "
            f"{'x'.join(map(str, size))}; the networks here have 4x4 kernels, as the paper's, so "
            "it cannot be imported: train again, or import junyanz's or affinelayer's"
        )
    depth = _depth(weights, prefix + "g_e{0}_conv/w")
    # Its decoder is numbered from the bottleneck outwards.
    decoder = {number: depth + 1 - number for number in range(1, depth + 1)}
    names = _Names(
        "yenchenlin's U-Net with 4x4 kernels",
        prefix + "g_e{0}_conv",
        prefix + "g_d{1}",
        ("w", "w"),
        ("biases", "biases"),
        "gamma",
        "beta",
        (prefix + "g_bn_e{0}", prefix + "g_bn_d{1}"),
    )
    return _convert(weights, names, options, decoder)


def _convert(weights, names, options, decoder=None):
    is_separable = names is _SEPARABLE
    depth = _depth(weights, _place(names, 0, "{0}", names.kernel))
    has_bottleneck_norm = _norm(names, 0, depth, decoder) + names.gamma in weights
    variables = {}
    for number in range(1, depth + 1):
        for side, scope in enumerate(("encoder", "decoder")):
            place = _place(names, side, number, names.kernel, decoder)
            read = {"kernel": weights.take(place, 4)}
            filters = read["kernel"].shape[2 if side else 3]
            if is_separable:
                read = {"depthwise": read["kernel"]}
                pointwise = _place(names, side, number, (_POINTWISE,) * 2)
                read["pointwise"] = weights.take(pointwise, 4)
                filters = read["pointwise"].shape[3]
            zeros = np.zeros(filters, np.float32)
            if names.bias[side] is None:
                read["bias"] = zeros
            else:
                read["bias"] = weights.take_or(
                    _place(names, side, number, names.bias, decoder), zeros
                )
            is_last = side == 0 and number == depth
            if number > 1 and (has_bottleneck_norm or not is_last):
                norm = _norm(names, side, number, decoder)
                read["gamma"] = weights.take(norm + names.gamma, 1)
                read["beta"] = weights.take(norm + names.beta, 1)
            scope = f"generator/{scope}_{number}"
            variables.update({f"{scope}/{key}": value for key, value in read.items()})
    flags = {
        "netG": "unet",
        "norm": "batch",
        "bottleneck_norm": has_bottleneck_norm,
        "separable_conv": is_separable,
        **_sizes(variables, depth, is_separable),
        **_of_options(options),
    }
    step = int(weights.take(_STEP, 0)) if _STEP in weights else 0
    return ImportedNetwork(
        f"{names.program}, {depth} layers", flags, variables, depth, max(0, step)
    )


def _sizes(variables, depth, is_separable):
    """Reads off how many filters and channels there are."""
    if is_separable:
        return {
            "ngf": variables["generator/encoder_1/pointwise"].shape[3],
            "input_nc": variables["generator/encoder_1/depthwise"].shape[2],
            "output_nc": variables["generator/decoder_1/pointwise"].shape[3],
        }
    return {
        "ngf": variables["generator/encoder_1/kernel"].shape[3],
        "input_nc": variables["generator/encoder_1/kernel"].shape[2],
        "output_nc": variables["generator/decoder_1/kernel"].shape[2],
    }


def _of_options(options):
    """Picks what an options.json says on the data."""
    picked = {}
    if options.get("which_direction") in ("AtoB", "BtoA"):
        picked["which_direction"] = options["which_direction"]
    if options.get("lab_colorization") is True:
        picked["lab_colorization"] = True
    return picked


def _depth(weights, name):
    depth = 0
    while name.format(depth + 1) in weights:
        depth += 1
    return depth


def _place(names, side, number, parts, decoder=None):
    scope = (names.encoder, names.decoder)[side]
    return f"{scope.format(number, (decoder or {}).get(number))}/{parts[side]}"


def _norm(names, side, number, decoder):
    return names.norms[side].format(number, (decoder or {}).get(number)) + "/"
