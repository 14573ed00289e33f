"""What the generators of junyanz's program have in common, and which of them a file holds."""

import re

from estimator.imports import junyanz_resnet, junyanz_unet
from input_fn import DataError

# Batch norm's averages over training, which neither program uses in testing.
_UNUSED = re.compile(r"(^|\.)(running_mean|running_var|num_batches_tracked)$")
_KNOWN = (
    "unet_256, unet_128, resnet_6blocks and resnet_9blocks of junyanz's program can be imported"
)


def convert(weights):
    """Finds out which generator it is and renames its weights.

    Args:
        weights: `Weights`.

    Returns:
        `ImportedNetwork`.

    Raises:
        DataError: It is another network; says which it seems to be.
    """
    if junyanz_unet.matches(weights):
        network = junyanz_unet.convert(weights)
    elif junyanz_resnet.matches(weights):
        network = junyanz_resnet.convert(weights)
    else:
        raise DataError(f"holds {_guess(weights)}; {_KNOWN}")
    weights.require_all_taken(_UNUSED.search)
    return network


def _guess(weights):
    """Says what a file seems to hold that is no generator of these."""
    names = weights.names()
    first = weights.shape("model.0.weight")
    if (len(first) == 4 and first[2:] == (4, 4)) or "net.0.weight" in weights:
        return "a discriminator (a latest_net_D.pth?), not a generator (latest_net_G.pth)"
    listed = ", ".join(f"{name} {list(weights.shape(name))}" for name in names[:2])
    return f"{len(names)} tensors of another network (the first: {listed})"
