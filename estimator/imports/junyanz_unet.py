"""The U-Nets of junyanz's program: each layer's modules hold those of the layers within."""

from collections import namedtuple

import numpy as np

from estimator.imports.network import ImportedNetwork
from estimator.imports.torch_layers import BATCH, layer, norm_of
from input_fn import DataError

_OUTERMOST = "model.model"
_MOST_LEVELS = 16

_Level = namedtuple("_Level", ["down", "down_norm", "up", "up_norm"])
_Level.__doc__ = """Names of an encoder layer's and its mirror decoder layer's modules."""


def matches(weights):
    """Says whether the weights have the names of such a network."""
    return f"{_OUTERMOST}.0.weight" in weights


def convert(weights):
    """Renames the weights; see `junyanz.convert`."""
    levels = _levels(weights)
    depth = len(levels)
    norm = norm_of(weights, levels[1].down, levels[1].down_norm)
    variables, filters = {}, []
    for number, level in enumerate(levels, start=1):
        has_norm = norm == BATCH and 1 < number < depth
        read = layer(weights, level.down, 3, level.down_norm if has_norm else None)
        filters.append(read["kernel"].shape[3])
        _add(variables, f"generator/encoder_{number}", read)
    for number, level in enumerate(levels, start=1):
        has_norm = norm == BATCH and number > 1
        read = layer(weights, level.up, 2, level.up_norm if has_norm else None)
        if number < depth:
            read["kernel"] = _skip_last(read["kernel"], filters[number - 1], level.up)
        _add(variables, f"generator/decoder_{number}", read)
    flags = {
        "netG": "unet",
        "norm": norm,
        "ngf": filters[0],
        "input_nc": variables["generator/encoder_1/kernel"].shape[2],
        "output_nc": variables["generator/decoder_1/kernel"].shape[2],
    }
    origin = f"junyanz's U-Net of {depth} layers each way (unet_{2**depth}), norm {norm}"
    return ImportedNetwork(origin, flags, variables, depth)


def _levels(weights):
    """Finds the layers' names, the outermost first."""
    levels = [_Level(f"{_OUTERMOST}.0", None, f"{_OUTERMOST}.3", None)]
    place = f"{_OUTERMOST}.1.model"
    while len(levels) < _MOST_LEVELS:
        if f"{place}.3.weight" in weights:  # The innermost has no layer within.
            levels.append(_Level(f"{place}.1", None, f"{place}.3", f"{place}.4"))
            return levels
        levels.append(_Level(f"{place}.1", f"{place}.2", f"{place}.5", f"{place}.6"))
        place += ".3.model"
    raise DataError("seems to be a U-Net of junyanz's program, but has no innermost layer")


def _skip_last(kernel, skipped, name):
    """Reorders the input's channels: there the encoder's output comes first, here last."""
    if not 0 < skipped < kernel.shape[3]:
        raise DataError(f"has {name} with {kernel.shape[3]} channels, {skipped} of them skipped")
    return np.concatenate([kernel[..., skipped:], kernel[..., :skipped]], axis=3)


def _add(variables, scope, read):
    variables.update({f"{scope}/{name}": value for name, value in read.items()})
