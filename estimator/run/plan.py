"""The plan of a training run: everything that is settled before its first step."""

import os
from dataclasses import dataclass
from typing import Any

from estimator.endings import abridged
from estimator.errors import OptionsError
from estimator.options import views
from estimator.palettes.settling import settle_palettes
from estimator.run.value_range import settle_range
from input_fn import check_pairs, find_split, has_split, list_pairs, memory_folder

# Of the training, over which or after each of which a learning rate falls. junyanz's program has
# 100 of 200 epochs, and 50 of 200.
_DECAYING_SHARE = {"linear": 1 / 2, "step": 1 / 4}


@dataclass(frozen=True)
class RunPlan:
    """What a run will do.

    Attributes:
        options: `Options`.
        device: The `Device` that it runs on.
        train_pairs: `Pairs` of all ranks.
        val_pairs: `Pairs` to score at each checkpoint; None for no scores.
        steps_per_epoch: Steps in a pass over the data.
        target_step: The step at which training ends.
    """

    options: Any
    device: Any
    train_pairs: Any
    val_pairs: Any
    steps_per_epoch: int
    target_step: int

    @property
    def pair_format(self):
        """The run's `PairFormat`."""
        return views.pair_format(self.options)

    @property
    def objective(self):
        """The run's `ObjectiveConfig`, with the steps that its schedule depends on."""
        share = _DECAYING_SHARE.get(self.options.lr_policy, 1.0)
        decay_steps = max(1, round(self.target_step * share))
        if self.options.n_epochs_decay is not None:
            decay_steps = self.options.n_epochs_decay * self.steps_per_epoch
        return views.objective_config(self.options, self.target_step, decay_steps)

    @property
    def score_every_steps(self):
        """Steps between scores of val/; None to score at the end alone.

        While rank 0 scores, all others wait for it in the next exchange, and in the end give up. So
        with several ranks it is done within training only if `--eval_steps` says how many pairs.
        """
        if self.device.size > 1 and self.options.eval_steps is None:
            return None
        return self.options.save_checkpoints_steps

    @property
    def images_per_step(self):
        """Pairs in a step, over all devices."""
        return self.options.batch_size * self.device.size

    @property
    def sets_of_pairs(self):
        """List of all `Pairs` that are read."""
        return [pairs for pairs in (self.train_pairs, self.val_pairs) if pairs is not None]


def make_plan(options, device):
    """Lists and checks the data and counts the steps.

    Args:
        options: `Options`.
        device: The `Device`.

    Returns:
        `RunPlan`.

    Raises:
        DataError: The data cannot be used; nothing was written.
        OptionsError: The best checkpoint is to be kept, and there is nothing to score it by; or
            what is said to be label maps is none.
    """
    has_val = has_split(options.data_path, "val")
    if options.keep_best is not None and not has_val:
        raise OptionsError(
            f"--keep_best {options.keep_best}: needs pairs to score, and --data_path "
            f"{options.data_path} has no subfolder val; leave it out, or make one (`python "
            "input_fn/prepare.py split` shares pairs out)"
        )
    train_pairs, val_pairs = _checked_pairs(options, "train", options.train_size), None
    if options.eval_steps != 0 and has_val:
        val_pairs = _checked_pairs(options, "val", options.eval_steps)
    steps_per_epoch = max(1, len(train_pairs) // (options.batch_size * device.size))
    target_step = options.max_steps or options.epoch * steps_per_epoch
    # An epoch may end within a run of several steps; training ends with the run.
    target_step += -target_step % device.steps_per_run
    options = settle_range(options, device, train_pairs, target_step)
    options, lines = settle_palettes(options, train_pairs)
    if lines and device.is_chief:
        print(*lines, sep="\n", flush=True)
    return RunPlan(options, device, train_pairs, val_pairs, steps_per_epoch, target_step)


def _checked_pairs(options, split, limit):
    """Lists and checks the pairs of a split; says which are left out, if that was asked for."""
    pair_format = views.pair_format(options)
    folder = find_split(options.data_path, split)
    layout, has_weights = pair_format.layout, pair_format.has_weight_files
    pairs = list_pairs(folder, limit, layout, pair_format.folders, has_weights)
    good, bad = check_pairs(pairs, pair_format, options.skip_bad, memory_folder(os.environ))
    if bad:
        heading = f"{split}: {len(bad)} of {len(pairs)} are left out:"
        print(heading, *abridged(bad), sep="\n    ", flush=True)
    return good
