"""The range of values that `--value_range auto` stands for: the data's, or that of the run."""

import os
from dataclasses import replace

from estimator.options import views
from estimator.options.flag_types import Automatic
from estimator.run.folder import is_to_make_way
from estimator.run.stored_run import latest_step, stored_options
from input_fn import as_ranges, memory_folder, survey_pairs


def settle_range(options, device, pairs, target_step):
    """Finds the range of each band, where it is to follow from the data.

    A run that goes on keeps the range that it began with, whatever its data have become.

    Args:
        options: `Options`.
        device: The `Device`.
        pairs: `Pairs` to train on, checked.
        target_step: The step at which training ends.

    Returns:
        `Options` whose `value_range` is numbers, or None.

    Raises:
        DataError: A band has no range.
    """
    if not isinstance(options.value_range, Automatic):
        return options
    if latest_step(options.checkpoint_dir) is not None and not is_to_make_way(
        options, target_step, device.optimizer_state, pairs.names
    ):
        return with_range_of_run(options)
    percentiles = tuple(options.value_range)
    memory = memory_folder(os.environ)
    survey = survey_pairs(pairs, views.pair_format(options), percentiles, memory)
    return replace(options, value_range=tuple(survey.ranges))


def with_range_of_run(options):
    """Gives options that say `auto` the range of the run in the checkpoint folder."""
    if not isinstance(options.value_range, Automatic):
        return options
    return replace(options, value_range=stored_options(options.checkpoint_dir).get("value_range"))


def range_text(value_range):
    """Writes ranges as `--value_range` takes them."""
    return "/".join(f"{black:g},{white:g}" for black, white in as_ranges(value_range))
