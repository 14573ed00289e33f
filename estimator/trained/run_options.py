"""The options of a trained run, for programs that use it without its data."""

from dataclasses import replace

from estimator.errors import OptionsError
from estimator.options import views
from estimator.options.flag_types import size_text
from estimator.options.train_options import parse_options
from estimator.run.stored_run import stored_network
from model_fn import generator_depth

_CHANGES = ("test_dropout", "seed", "ema_weights")
_SEARCHED = 4  # Neighbouring sizes to each side of the one asked for.


def trained_options(asked):
    """Reads a run's options, with the changes that a program was asked for.

    Args:
        asked: The options of predict.py or export.py: `checkpoint_dir`, the folder of the run;
            `step`, which checkpoint; and `image_size`, a (height, width), and the fields of
            `_CHANGES`, which are None for what the run says.

    Returns:
        `Options`; those that do not matter for predictions have their defaults.

    Raises:
        OptionsError: There is no trained run, or its network cannot take the size.
    """
    stored = stored_network(asked.checkpoint_dir)
    changes = {name: getattr(asked, name) for name in _CHANGES}
    stored.update({name: value for name, value in changes.items() if value is not None})
    # The data's folder is required on the command line, and not used.
    options = parse_options(["--data_path=.", f"--checkpoint_dir={asked.checkpoint_dir}"], stored)
    options = options if asked.step is None else replace(options, step=asked.step)
    if asked.image_size is None:
        return options
    _check_size(asked.image_size, options)
    return replace(options, fine_size=asked.image_size, load_size=asked.image_size)


def _check_size(size, options):
    # Without a discriminator, whose rule for sizes does not matter any more.
    trained = replace(views.network_config(options), discriminator=None)
    try:
        depth = replace(trained, height=size[0], width=size[1]).depth
    except ValueError as error:
        if trained.depth is None or trained.unet_depth is not None:
            raise OptionsError(f"--image_size {size_text(size)}: {error}") from None
        depth = None
    if depth != trained.depth:
        raise OptionsError(
            f"--image_size {size_text(size)}: a network trained at {size_text(options.fine_size)} "
            f"has {trained.depth} layers each way and does not take it; "
            f"{size_text(_nearest(size, trained.depth))} works"
        )


def _depth_or_none(size):
    try:
        return generator_depth(*size)
    except ValueError:
        return None


def _nearest(size, depth):
    unit = 2**depth
    middle = [max(1, round(side / unit)) for side in size]
    candidates = [
        ((middle[0] + down) * unit, (middle[1] + right) * unit)
        for down in range(-_SEARCHED, _SEARCHED + 1)
        for right in range(-_SEARCHED, _SEARCHED + 1)
        if middle[0] + down > 0 and middle[1] + right > 0
    ]
    working = [each for each in candidates if _depth_or_none(each) == depth]
    return min(working, key=lambda each: sum(abs(a - b) for a, b in zip(each, size)))
