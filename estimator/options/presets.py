"""Sets of flags under one name, which the command line may override.

What a preset does not say has its default, and the defaults are the paper's. Jitter is the default:
286/256 of the size, then a crop.
"""

import argparse

from estimator.options.flag_types import DETECT

# A value of `load_size` that only presets have: that of `fine_size`. Text would be parsed.
NO_JITTER = ("fine_size",)

_OBJECTIVES = {
    "paper": {},
    # Table 1 of the paper: the losses by themselves. Its plain GAN is not among them.
    "paper_l1": {"gan_mode": "none"},
    "paper_cgan": {"L1_lambda": 0.0},
    "paper_l1_gan": {"conditional_D": False},
    # Table 2: without skips. It was made with batches of 10.
    "paper_encoder_decoder": {"netG": "encoder_decoder", "batch_size": 10},
    # Table 3: what a logit sees.
    "paper_patch_1": {"netD": "pixel"},
    "paper_patch_16": {"netD": "patch_16"},
    "paper_patch_286": {"netD": "patch_286"},
}

# Of what docs/results.md compares, what does well in both directions.
_RECOMMENDED = {
    "recommended": {
        "palette_input": DETECT,
        "palette_output": DETECT,
        "upsample": "resize",
        "gan_after": 0.5,
        "lr_policy": "linear",
        "ema": 0.999,
    },
}

_PROGRAMS = {
    # 100 epochs and 100 more in which the learning rate falls (its train_options.py).
    "junyanz": {"epoch": 200, "lr_policy": "linear", "n_epochs_decay": 100},
    # The bottleneck has a norm, as before the paper's erratum.
    "affinelayer": {"epoch": 200, "bottleneck_norm": True},
    # Its networks have kernels of 5x5 and a dense last layer; what they have in common with these
    # is the norm on the bottleneck.
    "id0359_like": {"epoch": 200, "bottleneck_norm": True},
    # Wang et al. 2018, without the loss on VGG's features, and with half the filters of its G1.
    "pix2pixhd_small": {
        "netG": "global",
        "netD": "multi_scale",
        "norm": "instance",
        "ngf": 32,
        "gan_mode": "lsgan",
        "L1_lambda": 0.0,
        "lambda_feat": 10.0,
        "epoch": 200,
        "lr_policy": "linear",
        "n_epochs_decay": 100,
    },
}

# Section 6.2 of the paper; directions are those of the data sets as they were published.
_DATA_SETS = {
    "facades": {"which_direction": "BtoA", "epoch": 200},
    "cityscapes": {"which_direction": "BtoA", "epoch": 200},
    "maps": {"which_direction": "AtoB", "epoch": 200},
    "aerial": {"which_direction": "BtoA", "epoch": 200},
    "edges2shoes": {"epoch": 15, "batch_size": 4, "load_size": NO_JITTER, "no_flip": True},
    "edges2handbags": {"epoch": 15, "batch_size": 4, "load_size": NO_JITTER, "no_flip": True},
    "colorization": {
        "lab_colorization": True,
        "epoch": 6,
        "batch_size": 4,
        "load_size": NO_JITTER,
    },
    "day2night": {"which_direction": "BtoA", "epoch": 17, "batch_size": 4},
    "thermal2color": {"epoch": 10, "batch_size": 4},
    "inpainting": {"epoch": 25, "batch_size": 4, "load_size": NO_JITTER},
}

PRESETS = {**_OBJECTIVES, **_RECOMMENDED, **_PROGRAMS, **_DATA_SETS}


def parse_presets(text):
    """Reads "facades,junyanz" into their names; "" into none.

    Returns:
        Tuple of names; what a later one says goes before what an earlier one does.

    Raises:
        argparse.ArgumentTypeError: There is no such preset.
    """
    names = tuple(name.strip() for name in text.split(",")) if text else ()
    for name in names:
        if name not in PRESETS:
            raise argparse.ArgumentTypeError(f"{name!r} is none; there are {', '.join(PRESETS)}")
    return names


def flags_of(names):
    """Gives what the presets say: a dict of field to value."""
    return {field: value for name in names for field, value in PRESETS[name].items()}


def preset_line(names, options):
    """Says in a line what the presets are, and which of their flags were overridden.

    Args:
        names: Of presets.
        options: `Options` that came of them.

    Returns:
        The line, such as "preset paper_patch_16: --netD=patch_16".
    """
    words = []
    for field, value in flags_of(names).items():
        used = getattr(options, field)
        if value == NO_JITTER:
            value = options.fine_size
        if value == DETECT and isinstance(used, tuple):
            used = value  # What a stored run detected.
        words.append(f"--{field}={_text(used)}" + ("" if used == value else " (overridden)"))
    return f"preset {','.join(names)}: {' '.join(words) or 'the defaults'}"


def _text(value):
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
