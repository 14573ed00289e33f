"""The losses of a step as one ordered record of named terms, which all reports show."""

import functools
import operator
from collections import namedtuple

Part = namedtuple("Part", ["name", "weight", "value", "on_console"])
Part.__doc__ = """A term of one network's loss: its short name ("l1"), its weight, its float32
scalar, and whether the lines on the console have room for it. All other reports show all terms."""
Part.__new__.__defaults__ = (True,)

Term = namedtuple("Term", ["name", "tag", "value", "on_console"])
Term.__doc__ = """A number to be reported: its name on the console and in reports ("g_l1"), its tag
in TensorBoard ("generator/l1"), its float32 scalar, and whether the console shows it."""

_TOTAL = "loss"


class NetworkLoss:
    """The loss of one network.

    Attributes:
        network: "discriminator" or "generator".
        parts: List of `Part`s.
        total: float32 scalar, the weighted sum of the parts: what is minimised.
    """

    def __init__(self, network, parts):
        self.network = network
        self.parts = parts
        self.total = functools.reduce(operator.add, [part.weight * part.value for part in parts])


def record_of(losses):
    """Lists what is to be reported: all totals, then the terms of each network.

    Args:
        losses: List of `NetworkLoss`, the discriminator's first, as ModelZoo's parsers want it.

    Returns:
        List of `Term`s: d_loss, g_loss, then d_real, d_fake, g_gan, g_l1 or what there is.
    """
    totals = [_term(loss.network, _TOTAL, loss.total, True) for loss in losses]
    parts = [
        _term(loss.network, part.name, part.value, part.on_console)
        for loss in losses
        for part in loss.parts
    ]
    return totals + parts


def _term(network, name, value, on_console):
    return Term(f"{network[0]}_{name}", f"{network}/{name}", value, on_console)
