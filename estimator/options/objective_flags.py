"""The flags of train.py that concern the objective and how it is optimised."""

from estimator.options.flag_types import POSITIVE, SEED, SWITCH, WEIGHT, number
from estimator.options.flags import NETWORK, PREDICTION, Flag, FlagGroup
from model_fn import OBJECTIVES, SCHEDULES

_RATE = {"type": number(float, 0, exclusive=True), "metavar": "X"}

OBJECTIVE_FLAGS = FlagGroup(
    "objective",
    (
        Flag(
            "gan_mode",
            "the GAN's loss: vanilla (cross entropy), lsgan (least squares), hinge, wgangp; none: "
            "no discriminator at all",
            default="vanilla",
            role=NETWORK,
            choices=tuple(OBJECTIVES),
        ),
        Flag(
            "L1_lambda",
            "weight of the L1 loss, with --palette_output of the cross entropy",
            default=100.0,
            **WEIGHT,
        ),
        Flag("gan_weight", "weight of the GAN loss", default=1.0, **WEIGHT),
        Flag(
            "gan_after",
            "share of all steps, 0 to 1, after which the GAN loss counts for the generator; the "
            "discriminator learns from the start",
            default=0.0,
            type=number(float, 0, 1),
            metavar="X",
        ),
        Flag(
            "lambda_feat",
            "weight of the distance of the discriminator's features (pix2pixHD: 10)",
            default=0.0,
            **WEIGHT,
        ),
        Flag("lambda_edge", "weight of the L1 distance of edges", default=0.0, **WEIGHT),
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
            **_RATE,
        ),
        Flag("lr_D", "the discriminator's", computed="--learning_rate", **_RATE),
        Flag(
            "beta1",
            "Adam's first decay, for both networks",
            default=0.5,
            type=number(float, 0, 1),
            metavar="X",
        ),
        Flag(
            "lr_policy",
            "how learning rates go on: constant; linear, to 0 over the last --n_epochs_decay; step,"
            " a tenth after each --n_epochs_decay; cosine, to 0 over all steps",
            default="constant",
            choices=tuple(SCHEDULES),
        ),
        Flag(
            "n_epochs_decay",
            "passes over the data, of --lr_policy linear and step",
            computed="half of the training, of step a quarter",
            **POSITIVE,
        ),
        Flag(
            "ema",
            "decay of a moving average of the generator, such as 0.999, which is then tested and "
            "exported; 0: none",
            default=0.0,
            role=NETWORK,
            type=number(float, 0, 1),
            metavar="X",
        ),
        Flag(
            "ema_weights",
            "whether scores and graphs are those of the average, if there is one",
            default=True,
            role=PREDICTION,
            **SWITCH,
        ),
        Flag("seed", "of weights, order, jitter and dropout", default=0, role=PREDICTION, **SEED),
    ),
)
