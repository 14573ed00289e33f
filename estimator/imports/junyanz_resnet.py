"""The ResNets of junyanz's program: one row of modules, by their numbers."""

import re

from estimator.imports.network import ImportedNetwork
from estimator.imports.torch_layers import BATCH, layer, norm_of
from input_fn import DataError

_BLOCK = re.compile(r"^model\.(\d+)\.conv_block\.(\d+)\.weight$")
_FIRST_BLOCK = 10  # After padding, and three times convolution, norm, ReLU.
_KNOWN_BLOCKS = (6, 9)


def matches(weights):
    """Says whether the weights have the names of such a network."""
    return "model.1.weight" in weights and any(map(_BLOCK.match, weights.names()))


def convert(weights):
    """Renames the weights; see `junyanz.convert`."""
    blocks = _number_of_blocks(weights)
    norm = norm_of(weights, "model.1", "model.2")
    # Name here, name there, name of the norm there, axis of the filters.
    first_up = _FIRST_BLOCK + blocks
    rows = [
        ("stem", "model.1", "model.2", 3),
        ("down_1", "model.4", "model.5", 3),
        ("down_2", "model.7", "model.8", 3),
        ("up_1", f"model.{first_up}", f"model.{first_up + 1}", 2),
        ("up_2", f"model.{first_up + 3}", f"model.{first_up + 4}", 2),
        ("head", f"model.{first_up + 7}", None, 3),
    ]
    for number in range(blocks):
        place = f"model.{_FIRST_BLOCK + number}.conv_block"
        first, second = _convolutions(weights, place, norm)
        for name, module in (("first", first), ("second", second)):
            row = (f"block_{number + 1}/{name}", f"{place}.{module}", f"{place}.{module + 1}", 3)
            rows.append(row)
    variables = {}
    for name, there, there_norm, axis in rows:
        read = layer(weights, there, axis, there_norm if norm == BATCH else None)
        variables.update({f"generator/{name}/{key}": value for key, value in read.items()})
    flags = {
        "netG": f"resnet_{blocks}",
        "norm": norm,
        "ngf": variables["generator/stem/kernel"].shape[3],
        "input_nc": variables["generator/stem/kernel"].shape[2],
        "output_nc": variables["generator/head/kernel"].shape[3],
    }
    origin = f"junyanz's resnet_{blocks}blocks, norm {norm}"
    return ImportedNetwork(origin, flags, variables)


def _number_of_blocks(weights):
    found = sorted({int(match.group(1)) for match in map(_BLOCK.match, weights.names()) if match})
    if found != list(range(_FIRST_BLOCK, _FIRST_BLOCK + len(found))):
        raise DataError(
            f"has residual blocks as its modules {found[0]} to {found[-1]}; those of junyanz's "
            f"ResNets begin with {_FIRST_BLOCK}, and no other can be imported"
        )
    if len(found) not in _KNOWN_BLOCKS:
        raise DataError(
            f"has {len(found)} residual blocks; those of resnet_6blocks and resnet_9blocks can be "
            "imported"
        )
    return len(found)


def _convolutions(weights, place, norm):
    """Finds a block's two convolutions; dropout between them makes the second a number higher."""
    numbers = sorted(
        int(match.group(2))
        for match in map(_BLOCK.match, weights.names())
        if match
        and match.group(0).startswith(f"{place}.")
        and len(weights.shape(match.group(0))) == 4
    )
    if len(numbers) != 2 or numbers[0] != 1 or numbers[1] not in (5, 6):
        raise DataError(
            f"has convolutions {numbers} in {place}; with reflection padding, the only kind that "
            "can be imported, they are 1 and 5, or 6 with dropout"
        )
    return numbers
