"""The flags of train.py that concern the networks."""

from estimator.options.flag_types import POSITIVE, SWITCH, number
from estimator.options.flags import NETWORK, Flag, FlagGroup
from model_fn import DISCRIMINATORS, GENERATORS, INITIALISERS, NORMS, UPSAMPLINGS

NETWORK_FLAGS = FlagGroup(
    "network",
    (
        Flag(
            "ngf",
            "filters of the generator's first layer",
            default=64,
            role=NETWORK,
            **POSITIVE,
        ),
        Flag(
            "ndf",
            "filters of the discriminator's first layer",
            default=64,
            role=NETWORK,
            **POSITIVE,
        ),
        Flag(
            "input_nc",
            "channels of the input: 3 (RGB), 1 (grey), 4 (RGBA), or what .npy and TIFF files have; "
            "with --inputs, of each",
            default=3,
            role=NETWORK,
            **POSITIVE,
        ),
        Flag("output_nc", "channels of the target, likewise", default=3, role=NETWORK, **POSITIVE),
        Flag(
            "netG",
            "the generator: unet; encoder_decoder, the same without skips; resnet_6 or resnet_9, "
            "of so many residual blocks; global, or local around it, of pix2pixHD",
            default="unet",
            role=NETWORK,
            choices=tuple(GENERATORS),
        ),
        Flag(
            "unet_depth",
            "layers of unet and encoder_decoder each way; sides are multiples of 2 to the power "
            "of it",
            computed="what the size allows, at most 8",
            role=NETWORK,
            **POSITIVE,
        ),
        Flag(
            "netD",
            "the discriminator: patch, whose logits see 70x70 pixels with --n_layers_D=3; patch_16 "
            "and patch_286, of 16x16 and 286x286; pixel, of 1x1; multi_scale, of pix2pixHD",
            default="patch",
            role=NETWORK,
            choices=tuple(DISCRIMINATORS),
        ),
        Flag(
            "n_layers_D",
            "layers of stride 2 of patch and multi_scale: 1 to 5 see 16, 34, 70, 142, 286 pixels",
            default=3,
            role=NETWORK,
            **POSITIVE,
        ),
        Flag(
            "num_D",
            "scales of multi_scale, each of half the size of the one before",
            default=2,
            role=NETWORK,
            **POSITIVE,
        ),
        Flag(
            "norm",
            "of both networks: batch, instance (each picture by itself, nothing learnt) or none",
            default="batch",
            role=NETWORK,
            choices=NORMS,
        ),
        Flag(
            "bottleneck_norm",
            "a norm on the bottleneck of unet and encoder_decoder, as in programs of before the "
            "paper's erratum",
            default=False,
            role=NETWORK,
            **SWITCH,
        ),
        Flag(
            "spectral_norm_D",
            "divide the discriminator's kernels by their largest singular values",
            default=False,
            role=NETWORK,
            **SWITCH,
        ),
        Flag(
            "upsample",
            "how the generator doubles sides: transposed convolution; or resize, that is repeat "
            "pixels, then convolve, against grid patterns",
            default="transposed",
            role=NETWORK,
            choices=UPSAMPLINGS,
        ),
        Flag(
            "separable_conv",
            "separable convolutions in unet and encoder_decoder, fewer weights; implies resize",
            default=False,
            role=NETWORK,
            **SWITCH,
        ),
        Flag(
            "conditional_D",
            "whether the discriminator sees the input as well (false: the paper's plain GAN)",
            default=True,
            role=NETWORK,
            **SWITCH,
        ),
        Flag(
            "init_type",
            "first weights: normal, xavier, kaiming or orthogonal",
            default="normal",
            choices=tuple(INITIALISERS),
        ),
        Flag(
            "init_gain",
            "deviation of normal, factor of xavier and orthogonal; kaiming has none",
            default=0.02,
            type=number(float, 0, exclusive=True),
            metavar="X",
        ),
    ),
)
