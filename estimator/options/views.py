"""Options to what the three rooms take."""

from estimator.options.flag_types import AUTO, DETECT, Automatic
from estimator.palettes.palette import colours_of_entries
from input_fn import SINGLE, UNSCALED, Folders, PairFormat
from model_fn import CROSS_ENTROPY, L1, NetworkConfig, ObjectiveConfig

# The flags by the fields of the configurations whose values they are.
_NETWORK = {
    "input_channels": "input_nc",
    "output_channels": "output_nc",
    "generator_filters": "ngf",
    "discriminator_filters": "ndf",
    "generator": "netG",
    "discriminator": "netD",
    "unet_depth": "unet_depth",
    "discriminator_layers": "n_layers_D",
    "discriminator_scales": "num_D",
    "norm": "norm",
    "bottleneck_norm": "bottleneck_norm",
    "upsampling": "upsample",
    "separable": "separable_conv",
    "spectral_norm": "spectral_norm_D",
    "conditional": "conditional_D",
    "initialisation": "init_type",
    "initial_gain": "init_gain",
}
_OBJECTIVE = {
    "name": "gan_mode",
    "gan_weight": "gan_weight",
    "l1_weight": "L1_lambda",
    "feature_weight": "lambda_feat",
    "edge_weight": "lambda_edge",
    "learning_rate": "learning_rate",
    "discriminator_learning_rate": "lr_D",
    "beta1": "beta1",
    "schedule": "lr_policy",
    "seed": "seed",
    "test_dropout": "test_dropout",
    "average_decay": "ema",
    "predicts_by_average": "ema_weights",
}
# What the configurations call their fields in errors.
FLAG_OF_FIELD = {"output_classes": "palette_output", **_NETWORK, **_OBJECTIVE}


def _palettes(options):
    """Gives the colours of input and target, each None where they are pictures."""
    return [
        None if entries in (None, AUTO, DETECT) else colours_of_entries(entries)
        for entries in (options.palette_input, options.palette_output)
    ]


def _channels(options):
    """Gives the channels of input and output: of label maps one to a class."""
    stored = _inputs(options).get("input_channels", options.input_nc), options.output_nc
    return [
        count if palette is None else len(palette)
        for count, palette in zip(stored, _palettes(options))
    ]


def network_config(options):
    """Picks the network's part of the options.

    Raises:
        ValueError: Parts do not go together, or not with the size.
    """
    height, width = options.fine_size
    fields = {field: getattr(options, flag) for field, flag in _NETWORK.items()}
    fields["input_channels"], fields["output_channels"] = _channels(options)
    fields["output_classes"] = _palettes(options)[1] is not None
    if not objective_config(options).has_discriminator:
        fields["discriminator"] = None
    return NetworkConfig(height=height, width=width, **fields)


def objective_config(options, total_steps=0, decay_steps=0):
    """Picks the objective's part of the options.

    Args:
        options: `Options`.
        total_steps: Of a training, for the schedule of the learning rate.
        decay_steps: Likewise.
    """
    fields = {field: getattr(options, flag) for field, flag in _OBJECTIVE.items()}
    return ObjectiveConfig(
        total_steps=total_steps,
        decay_steps=decay_steps,
        gan_after=round(options.gan_after * total_steps),
        distance=L1 if _palettes(options)[1] is None else CROSS_ENTROPY,
        **fields,
    )


def pair_format(options):
    """Picks the data's part of the options.

    Values are left as they are while their range is yet to be found.

    Raises:
        ValueError: Fields do not go together; they are in backquotes.
    """
    automatic = isinstance(options.value_range, Automatic)
    several = _inputs(options)
    several.pop("input_channels", None)
    input_channels, output_channels = _channels(options)
    input_palette, output_palette = _palettes(options)
    return PairFormat(
        direction=options.which_direction,
        input_channels=input_channels,
        output_channels=output_channels,
        load_size=options.load_size,
        fine_size=options.fine_size,
        layout=SINGLE if options.lab_colorization else options.data_layout,
        resize=options.resize,
        alpha=options.alpha,
        value_range=UNSCALED if automatic else options.value_range,
        lab=options.lab_colorization,
        log_bands=options.log_bands or (),
        nodata=tuple(map(float, options.nodata or ())),
        weights=options.weights,
        input_palette=input_palette,
        output_palette=output_palette,
        **several,
    )


def _inputs(options):
    """Makes the fields of a `PairFormat` that concern several inputs; none if there is one."""
    sides = ("A", "B") if options.which_direction == "AtoB" else ("B", "A")
    if not options.inputs and not options.neighbours:
        return {}
    parts = [part.partition(":") for part in options.inputs or sides[:1]]
    names = tuple(name for name, _, _ in parts)
    channels = tuple(int(count or options.input_nc) for _, _, count in parts)
    target = options.target if options.inputs else sides[1]
    folders = Folders(names, target, options.neighbours, options.group)
    return {
        "inputs": names,
        "channels_of_inputs": channels,
        "target": target,
        "neighbours": options.neighbours,
        "group": options.group,
        "input_channels": sum(channels) * folders.files_of_input,
    }
