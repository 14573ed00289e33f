"""The networks by their names; a new family is a file of its own and a line here."""

import functools
from collections import namedtuple

from model_fn.networks import resnet
from model_fn.networks.multi_scale import check_scales, multi_scale_discriminator
from model_fn.networks.patch import check_patches, discriminator, patch_with, pixel_discriminator
from model_fn.networks.sizes import unet_depth
from model_fn.networks.unet import encoder_decoder, unet

Generator = namedtuple("Generator", ["build", "check_size", "is_unet"])
Generator.__doc__ = """A family of generators.

Attributes:
    build: Function of (x, network, statistics, dropout, operations); see `unet.unet`.
    check_size: Function of `NetworkConfig` that raises ValueError, naming sizes that work, if the
        network does not take pictures of its size.
    is_unet: Whether its depth follows from the size, and which of its parts can be chosen.
"""
Generator.__new__.__defaults__ = (False,)

Discriminator = namedtuple("Discriminator", ["build", "check_size"])
Discriminator.__doc__ = """A family of discriminators.

Attributes:
    build: Function of (x, y, network, operations, constrain) that returns a list of `Verdict`s,
        one to each scale; see `patch.discriminator`.
    check_size: See `Generator`.
"""


def _any_size(network):
    del network


GENERATORS = {
    "unet": Generator(unet, unet_depth, is_unet=True),
    "encoder_decoder": Generator(encoder_decoder, unet_depth, is_unet=True),
    "resnet_6": Generator(*resnet.resnet(blocks=6)),
    "resnet_9": Generator(*resnet.resnet(blocks=9)),
    "global": Generator(*resnet.global_generator()),
    "local": Generator(resnet.local_generator, resnet.check_local),
}
DISCRIMINATORS = {
    "patch": Discriminator(discriminator, check_patches),
    "pixel": Discriminator(pixel_discriminator, _any_size),
    "patch_16": Discriminator(patch_with(1), functools.partial(check_patches, halvings=1)),
    "patch_286": Discriminator(patch_with(5), functools.partial(check_patches, halvings=5)),
    "multi_scale": Discriminator(multi_scale_discriminator, check_scales),
}

# Every family keeps its variables in the scope of its role.
GENERATOR = "generator"
DISCRIMINATOR = "discriminator"
