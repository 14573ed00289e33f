"""What a training run reports: its hooks, built when the model is."""

import functools
import gc
import os
from dataclasses import replace

import tensorflow.compat.v1 as tf

from estimator.options.run_flags import SCORES
from estimator.run.best import BestKeeper
from estimator.trained.weights import write_frozen
from hooks import (
    BarHook,
    EvaluationHook,
    FiniteLossHook,
    FrozenGraphHook,
    HeartbeatHook,
    ImageRowsHook,
    OverflowHook,
    PictureSummaryHook,
    ProgressHook,
    StopHook,
    ThroughputHook,
)
from input_fn import evaluation_dataset, write_json
from model_fn import IMAGES

THROUGHPUT_FILE = "throughput.json"
PROGRESS_FILE = "progress.json"
_SHOWN_ROWS = 4
_SHORT = {"loss_scale": "scale", "skipped_steps": "skipped"}


def image_rows_hook(options):
    """Makes the function from an evaluation's rows to the hooks that show them in TensorBoard."""
    # Where Estimator writes the scores.
    folder = os.path.join(options.checkpoint_dir, "eval")
    return lambda rows: [ImageRowsHook(rows, _SHOWN_ROWS, folder, "val")]


def frozen_path(options, step):
    """Says where a run's frozen graph of a step is."""
    return os.path.join(options.frozen_dir, f"model-{step}.pb")


def freeze_for_use(options, step, weights):
    """Writes the generator as it is to be used, with dropout off, into the run's frozen folder.

    Args:
        options: `Options`.
        step: Of the weights.
        weights: Dict of variable name to array.

    Raises:
        OSError: A file cannot be written.
    """
    path = frozen_path(options, step)
    write_frozen(path, replace(options, test_dropout=False), weights, step)


class Reports:
    """Makes the hooks of a run's training.

    Args:
        plan: `RunPlan`.
        clock: `TrainingClock`.
        evaluator: The Estimator that scores checkpoints.
        interruption: `Interruption`, upon which training ends.
        heartbeat: `Heartbeat`, by which this process is known to live.
    """

    def __init__(self, plan, clock, evaluator, interruption, heartbeat):
        self._plan = plan
        self._clock = clock
        self._evaluator = evaluator
        self._interruption = interruption
        self._heartbeat = heartbeat
        self._written = []

    def write(self):
        """Writes the reports as they are by now, so that a run that is killed has some."""
        for hook in self._written:
            hook.write()

    def hooks(self, tensors):
        """Lists the hooks of training.

        Args:
            tensors: `TrainingTensors`.
        """
        device = self._plan.device
        hooks = [FiniteLossHook(tensors.global_step, tensors.totals), *device.training_hooks()]
        if any(tensors.scaling.values()):
            hooks.append(OverflowHook(tensors.scaling, device.steps_per_run))
        if device.owns_folder:
            # First, so that the time stamps lie right after the session's run.
            hooks = [*self._reports(tensors), *hooks]
            # The others go on with the rest, until the one that saves has done so.
            hooks.append(StopHook(self._is_interrupted))
        if device.is_chief:
            # Last, after the hook that saves the checkpoint which is to be scored.
            hooks += self._results(tensors)
        beat = self._heartbeat
        return [HeartbeatHook(tensors.global_step, beat.made, beat.rest), *hooks]

    def _reports(self, tensors):
        plan, options, step = self._plan, self._plan.options, tensors.global_step
        throughput = ThroughputHook(
            step,
            self._clock,
            plan.images_per_step,
            self._writer(THROUGHPUT_FILE),
            every_steps=options.print_freq,
            summary_dir=options.checkpoint_dir,
        )
        progress = ProgressHook(
            step,
            {term.name: term.value for term in tensors.losses},
            lambda: throughput.window_images_per_sec,
            steps_per_epoch=plan.steps_per_epoch,
            max_steps=plan.target_step,
            every_steps=options.print_freq,
            write_report=self._writer(PROGRESS_FILE),
            clock=self._clock,
            scaling={
                f"{network[0]}_{_SHORT[name]}": tensor
                for network, state in tensors.scaling.items()
                for name, tensor in state.items()
            },
            on_console=[term.name for term in tensors.losses if term.on_console],
        )
        self._written = [throughput, progress]
        yield from self._written
        if plan.device.session_writes_summaries:
            yield PictureSummaryHook(
                tf.summary.merge_all(IMAGES), options.image_freq, options.checkpoint_dir
            )

    def _writer(self, name):
        path = os.path.join(self._plan.options.checkpoint_dir, name)
        return functools.partial(write_json, path)

    def _results(self, tensors):
        options, step = self._plan.options, tensors.global_step
        if self._plan.val_pairs is not None:
            best = {}
            if options.keep_best is not None:
                keeper = BestKeeper(options.checkpoint_dir, options.keep_best)
                best = {"keep": keeper.offer, "is_evaluated": keeper.is_scored}
            yield EvaluationHook(
                step,
                self._evaluate,
                self._plan.score_every_steps,
                self._clock,
                is_cut_short=self._is_interrupted,
                **best,
            )
        yield FrozenGraphHook(
            step,
            tensors.generator_variables,
            functools.partial(freeze_for_use, options),
            every_steps=options.save_frozen_steps,
            clock=self._clock,
            is_cut_short=self._is_interrupted,
            is_written=lambda step: os.path.exists(frozen_path(options, step)),
        )

    def _is_interrupted(self):
        return self._interruption.number is not None

    def _evaluate(self):
        plan = self._plan
        self._heartbeat.rest()
        # What is scored is saved already.
        with self._interruption.at_once():
            metrics = self._evaluator.evaluate(
                lambda: evaluation_dataset(plan.val_pairs, plan.pair_format),
                hooks=[BarHook(len(plan.val_pairs), "val")],
            )
        # An evaluation's graph refers to itself, and is large.
        gc.collect()
        return {name: float(metrics[name]) for name in SCORES}
