"""pix2pixHD's discriminator: PatchGANs at several scales (Wang et al. 2018, section 3.2)."""

import tensorflow.compat.v1 as tf

from model_fn.networks.layers import as_it_is
from model_fn.networks.patch import check_patches, judge, pairs, scope
from model_fn.operations import PLAIN


def multi_scale_discriminator(x, y, network, operations=PLAIN, constrain=as_it_is):
    """Judges pictures at `discriminator_scales` sizes, each half of the one before.

    Arguments and result as for `patch.discriminator`; the first `Verdict` is that of the full size.
    """
    x, verdicts = pairs(x, y, network), []
    with scope(network):
        for number in range(1, network.discriminator_scales + 1):
            with tf.variable_scope(f"scale_{number}"):
                verdicts.append(judge(x, network, operations, constrain))
            if number < network.discriminator_scales:
                x = tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    return verdicts


def check_scales(network):
    """Holds the rule for sizes; see `check_patches`."""
    if network.discriminator_scales < 1:
        raise ValueError(
            f"`discriminator_scales` is {network.discriminator_scales}; it must be at least 1"
        )
    check_patches(network, scales=network.discriminator_scales)
