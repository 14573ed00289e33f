"""Options to what the three rooms take."""

from input_fn import SINGLE, PairFormat
from model_fn import NetworkConfig, ObjectiveConfig


def network_config(options):
    """Picks the network's part of the options."""
    height, width = options.fine_size
    return NetworkConfig(
        height=height,
        width=width,
        input_channels=options.input_nc,
        output_channels=options.output_nc,
        generator_filters=options.ngf,
        discriminator_filters=options.ndf,
    )


def objective_config(options):
    """Picks the objective's part of the options."""
    return ObjectiveConfig(
        gan_weight=options.gan_weight,
        l1_weight=options.L1_lambda,
        learning_rate=options.learning_rate,
        beta1=options.beta1,
        seed=options.seed,
        test_dropout=options.test_dropout,
    )


def pair_format(options):
    """Picks the data's part of the options."""
    return PairFormat(
        direction=options.which_direction,
        input_channels=options.input_nc,
        output_channels=options.output_nc,
        load_size=options.load_size,
        fine_size=options.fine_size,
        layout=SINGLE if options.lab_colorization else options.data_layout,
        resize=options.resize,
        alpha=options.alpha,
        value_range=options.value_range,
        lab=options.lab_colorization,
    )
