"""An import from beginning to end: what the file holds, the flags for it, and the run's folder."""

import os
from dataclasses import replace

from estimator.errors import OptionsError
from estimator.imports import affinelayer, junyanz, pth, tf_checkpoint
from estimator.imports.run_folder import require_free, write_run
from estimator.imports.weights import Weights
from estimator.options.flag_types import size_text
from estimator.options.train_options import default_of, parse_options
from estimator.trained.weights import wanted_shapes
from input_fn import DataError, is_special
from model_fn import generator_depth

_DEEPEST = 8
_LARGEST_DEFAULT = 256
_LONGEST_LINE = 500


def import_model(options):
    """Writes a run's folder with another program's generator in it.

    Args:
        options: From `parse_import_options`.

    Raises:
        OptionsError: The file cannot be read, or holds no generator that can be expressed here; or
            the folder holds a run. Then nothing was written.
    """
    require_free(options.checkpoint_dir)
    source = options.from_
    try:
        network = _read(source)
    except DataError as error:
        raise OptionsError(f"--from {source}: {_in_one_line(error)}") from None
    trained = _run_options(options, network, source)
    _require_same_shapes(trained, network, source)
    write_run(trained, network, os.path.abspath(source))
    print(
        f"{network.origin}: ngf {trained.ngf}, {trained.input_nc} to {trained.output_nc} channels, "
        f"{size_text(trained.fine_size)} pixels, {trained.which_direction}, step {network.step}"
    )
    print(os.path.abspath(options.checkpoint_dir), flush=True)


def _in_one_line(error):
    """Makes names of another's file, which may be anything, fit to be shown."""
    text = "".join(each if each.isprintable() else "?" for each in str(error))
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}..."


def _read(source):
    if os.path.exists(source) and is_special(source):
        raise DataError("is a pipe or a device, not a file")
    if os.path.isfile(source) and not os.path.exists(f"{source}.index") and pth.is_pth(source):
        with pth.opened(source) as tensors:
            return junyanz.convert(Weights(tensors))
    prefix = tf_checkpoint.find_prefix(source)
    weights = Weights(tf_checkpoint.open_tensors(prefix))
    return affinelayer.convert(weights, tf_checkpoint.options_beside(prefix))


def _run_options(options, network, source):
    """Makes the `Options` of a run with such a network."""
    flags = {"which_direction": "AtoB", "lab_colorization": False, **network.flags}
    asked = {name: getattr(options, name) for name in ("which_direction", "lab_colorization")}
    flags.update({name: value for name, value in asked.items() if value is not None})
    flags["test_dropout"] = options.test_dropout
    size = options.fine_size or _default_size(network)
    flags["fine_size"] = size_text(size)
    _require_depth(size, network, flags)
    if flags.get("lab_colorization"):
        # The flag stands for the channels.
        channels = flags.pop("input_nc"), flags.pop("output_nc")
        if channels != (1, 2) or flags["which_direction"] != "AtoB":
            raise OptionsError(
                f"--lab_colorization: {source} maps {channels[0]} to {channels[1]} channels, "
                f"{flags['which_direction']}; a network from lightness to colours maps 1 to 2, AtoB"
            )
    arguments = [_argument(name, value) for name, value in flags.items()]
    # The data's folder is required on the command line, and not used.
    places = ["--data_path=.", f"--checkpoint_dir={options.checkpoint_dir}"]
    return replace(parse_options([*places, *filter(None, arguments)]), command=options.command)


def _default_size(network):
    side = _LARGEST_DEFAULT
    if network.depth is not None and network.depth < _DEEPEST:
        side = 2**network.depth
    return (side, side)


def _require_depth(size, network, flags):
    """Sees to it that a U-Net gets its depth at this size."""
    if network.depth is None:
        return
    unit = 2**network.depth
    if any(side % unit for side in size):
        raise OptionsError(
            f"--fine_size {size_text(size)}: the network has {network.depth} layers each way and "
            f"takes multiples of {unit}; {unit} works"
        )
    try:
        depth = generator_depth(*size)
    except ValueError:
        depth = None
    if depth != network.depth:
        flags["unet_depth"] = network.depth


def _argument(name, value):
    """Writes a flag as it is typed; None where that is its default anyway."""
    if value == default_of(name):
        return None
    return f"--{name}={str(value).lower() if isinstance(value, bool) else value}"


def _require_same_shapes(trained, network, source):
    """Checks that the variables are those of the network that the flags make, no more, no less."""
    wanted = wanted_shapes(trained)
    found = {name: list(value.shape) for name, value in network.variables.items()}
    for name in sorted(set(wanted) | set(found)):
        if wanted.get(name) != found.get(name):
            raise OptionsError(
                f"--from {source}: seems to be {network.origin}, but {name} would be of shape "
                f"{found.get(name)}, and is {wanted.get(name)} in that network of {trained.ngf} "
                "filters; other networks cannot be imported"
            )
