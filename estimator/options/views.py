"""Options to what the three rooms take."""

import functools
from dataclasses import replace

from input_fn import SINGLE, PairFormat
from model_fn import NetworkConfig, ObjectiveConfig, build_inference_graph


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
        lab=options.lab_colorization,
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


def inference_graph_builder(options):
    """Makes the function that builds the graph to be frozen, with dropout off."""
    objective = replace(objective_config(options), test_dropout=False)
    return functools.partial(build_inference_graph, network_config(options), objective)


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


def frozen_note(options, dropout=False):
    """Says what is baked into a frozen graph, for the JSON file beside it.

    Args:
        options: `Options`.
        dropout: Whether dropout is on in it.

    Returns:
        Dict that JSON can hold.
    """
    return {
        "direction": options.which_direction,
        "value_range": [-1.0, 1.0],
        "layout": "NHWC",
        "norm": "batch norm with the statistics of each picture",
        "dropout": f"on, one draw with seed {options.seed}" if dropout else "off",
        "ngf": options.ngf,
        "colours": "Lab: L / 50 - 1 to (a, b) / 110" if options.lab_colorization else "as stored",
    }
