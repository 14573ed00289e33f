"""The flags of train.py that concern the networks and how they are trained."""

from estimator.options.flag_types import POSITIVE, SEED, WEIGHT, number
from estimator.options.flags import NETWORK, PREDICTION, Flag, FlagGroup

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
            "channels of the input: 3 (RGB), 1 (grey), 4 (RGBA), or what .npy files have",
            default=3,
            role=NETWORK,
            **POSITIVE,
        ),
        Flag("output_nc", "channels of the target, likewise", default=3, role=NETWORK, **POSITIVE),
    ),
)

TRAINING_FLAGS = FlagGroup(
    "training",
    (
        Flag("epoch", "passes over the data", default=200, **POSITIVE),
        Flag("max_steps", "steps in all, instead of --epoch", **POSITIVE),
        Flag("batch_size", "pairs per step and device", default=1, **POSITIVE),
        Flag(
            "learning_rate",
            "Adam's, for both networks",
            default=2e-4,
            aliases=("lr",),
            type=number(float, 0, exclusive=True),
            metavar="X",
        ),
        Flag(
            "beta1",
            "Adam's first decay, for both networks",
            default=0.5,
            type=number(float, 0, 1),
            metavar="X",
        ),
        Flag("L1_lambda", "weight of the L1 loss", default=100.0, **WEIGHT),
        Flag("gan_weight", "weight of the GAN loss", default=1.0, **WEIGHT),
        Flag("seed", "of weights, order, jitter and dropout", default=0, role=PREDICTION, **SEED),
    ),
)
