"""The training phase: checks, the Estimator, and what is left at the end."""

import contextlib
import os

import tensorflow.compat.v1 as tf

from estimator.options import views
from estimator.options.train_options import size_text
from estimator.run.failures import explained
from estimator.run.folder import await_chief, latest_step, settle_existing_run, write_options
from estimator.run.reports import TrainingHooks
from hooks import PauseForCheckpoint, TrainingClock, freeze_graph_def, write_frozen_graph
from input_fn import (
    check_pairs,
    find_split,
    has_split,
    list_pairs,
    memory_folder,
    shard,
    training_dataset,
)
from model_fn import build_model_fn


def train(options, device):
    """Trains, or resumes, until the last step.

    Args:
        options: `Options`.
        device: From `choose_device`.

    Raises:
        OptionsError: The checkpoint folder holds another run.
        DataError: The data cannot be used and nothing was written, or a file broke meanwhile.
        RunError: The device's memory does not suffice.
        NonFiniteLossError: A loss became infinite or not a number.
    """
    train_pairs, val_pairs = _checked_pairs(options, "train", options.train_size), []
    if options.eval_steps != 0 and has_split(options.data_path, "val"):
        val_pairs = _checked_pairs(options, "val", options.eval_steps)
    steps_per_epoch = max(1, len(train_pairs) // (options.batch_size * device.size))
    target_step = options.max_steps or options.epoch * steps_per_epoch
    # An epoch may end within a run of several steps; training ends with the run.
    target_step += -target_step % device.steps_per_run
    if device.owns_folder:
        archived = settle_existing_run(options, target_step, device.optimizer_state)
        if archived:
            print(f"the run that was in {options.checkpoint_dir} is now in {archived}")
        write_options(options, device.optimizer_state)
    else:
        await_chief(options)
    _Run(options, device, train_pairs, val_pairs, steps_per_epoch, target_step).run()


def _checked_pairs(options, split, limit):
    """Lists and checks the pairs of a split; says which are left out, if that was asked for."""
    pair_format = views.pair_format(options)
    folder = find_split(options.data_path, split)
    pairs = list_pairs(folder, limit, pair_format.layout)
    good, bad = check_pairs(pairs, pair_format, options.skip_bad, memory_folder(os.environ))
    if bad:
        print(f"{split}: {len(bad)} of {len(pairs)} are left out: {bad[0]}", flush=True)
    return good


class _Run:
    """One training run: what its hooks share."""

    def __init__(self, options, device, train_pairs, val_pairs, steps_per_epoch, target_step):
        self._options = options
        self._device = device
        self._train_pairs = train_pairs
        self._val_pairs = val_pairs
        self._steps_per_epoch = steps_per_epoch
        self._target_step = target_step
        self._clock = TrainingClock()
        self._start_step = latest_step(options.checkpoint_dir) or 0
        hooks = TrainingHooks(options, device, self._clock, val_pairs, steps_per_epoch, target_step)
        network = views.network_config(options)
        self._depth = network.depth
        model_fn = build_model_fn(
            network,
            views.objective_config(options),
            device,
            training_hooks=hooks.for_training,
            evaluation_hooks=hooks.for_evaluation,
        )
        self._estimator = device.make_estimator(model_fn)
        hooks.evaluator = device.make_evaluator(model_fn)

    def run(self):
        options = self._options
        own_pairs = shard(self._train_pairs, self._device.rank, self._device.size)
        print(
            f"rank {self._device.rank} of {self._device.size} reads "
            f"{len(own_pairs)} files; {len(self._val_pairs)} for validation; "
            f"{self._target_step} steps, {self._steps_per_epoch} to an epoch; "
            f"{size_text(options.fine_size)} pixels, {self._depth} layers deep",
            flush=True,
        )
        if self._start_step >= self._target_step:
            print(
                f"training is complete: {options.checkpoint_dir} is at step {self._start_step} of "
                f"{self._target_step}; raise --max_steps or --epoch to go on"
            )
            if self._device.is_chief:
                self._freeze_checkpoint()
        else:
            if self._start_step:
                print(f"resuming {options.checkpoint_dir} at step {self._start_step}")
            with self._explained_files():
                self._device.train(
                    self._estimator,
                    self._train_input,
                    self._target_step,
                    [PauseForCheckpoint(self._clock)],
                )
        if self._device.is_chief:
            print(f"checkpoints, events and reports: {os.path.abspath(options.checkpoint_dir)}")
            print(f"frozen graphs: {os.path.abspath(options.frozen_dir)}", flush=True)

    @contextlib.contextmanager
    def _explained_files(self):
        pair_format = views.pair_format(self._options)
        with explained(self._train_pairs, pair_format), explained(self._val_pairs, pair_format):
            yield

    def _train_input(self):
        return training_dataset(
            self._train_pairs,
            views.pair_format(self._options),
            self._options.batch_size,
            seed=self._options.seed,
            flip=not self._options.no_flip,
            rank=self._device.rank,
            size=self._device.size,
            start_batch=self._start_step,
            cache=self._options.cache,
        )

    def _freeze_checkpoint(self):
        """Freezes the last checkpoint, if the run that wrote it was stopped before it could."""
        path = os.path.join(self._options.frozen_dir, f"model-{self._start_step}.pb")
        if os.path.exists(path):
            return
        reader = tf.train.load_checkpoint(self._options.checkpoint_dir)
        names = [name for name in reader.get_variable_to_shape_map() if _is_weight(name)]
        values = {name: reader.get_tensor(name) for name in names}
        graph_def = freeze_graph_def(views.inference_graph_builder(self._options), values)
        note = {**views.frozen_note(self._options), "step": self._start_step}
        write_frozen_graph(path, graph_def, note)


def _is_weight(name):
    return name.startswith("generator/")
