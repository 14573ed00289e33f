"""The networks by their names; a new family is a file of its own and a line here."""

from collections import namedtuple

from model_fn.networks.patch import discriminator as patch_discriminator
from model_fn.networks.sizes import generator_depth
from model_fn.networks.unet import generator as unet_generator

Generator = namedtuple("Generator", ["build", "depth"])
Generator.__doc__ = """A family of generators.

Attributes:
    build: Function of (x, network, statistics, dropout, operations); see `unet.generator`.
    depth: Function of (height, width) that returns how many layers deep the network is for such
        pictures, or raises ValueError, naming sizes that work.
"""

Discriminator = namedtuple("Discriminator", ["build"])
Discriminator.__doc__ = """A family of discriminators.

Attributes:
    build: Function of (x, y, network, operations) that returns a list of logits, one to each
        scale; see `patch.discriminator`.
"""

GENERATORS = {"unet": Generator(unet_generator, generator_depth)}
DISCRIMINATORS = {"patch": Discriminator(patch_discriminator)}

# Every family keeps its variables in the scope of its role.
GENERATOR = "generator"
DISCRIMINATOR = "discriminator"
