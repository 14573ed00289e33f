"""The hooks of a training run, built when the model is."""

import os

import tensorflow.compat.v1 as tf

from estimator.options import views
from hooks import (
    EvaluationHook,
    FiniteLossHook,
    FrozenGraphHook,
    ImageRowsHook,
    ProgressHook,
    ThroughputHook,
)
from input_fn import evaluation_dataset
from model_fn import IMAGES

THROUGHPUT_FILE = "throughput.json"
PROGRESS_FILE = "progress.json"
_SHOWN_ROWS = 4


class TrainingHooks:
    """Makes hooks for a run's model.

    Args:
        options: `Options`.
        device: From `choose_device`.
        clock: `TrainingClock`.
        val_pairs: Pairs to score at each checkpoint; none for no scores.
        steps_per_epoch: Steps in a pass over the data.
        target_step: The step at which training ends.

    Attributes:
        evaluator: The Estimator that scores checkpoints; to be set before training starts.
    """

    def __init__(self, options, device, clock, val_pairs, steps_per_epoch, target_step):
        self._options = options
        self._device = device
        self._clock = clock
        self._val_pairs = val_pairs
        self._steps_per_epoch = steps_per_epoch
        self._target_step = target_step
        self.evaluator = None

    def for_training(self, tensors):
        """Lists the hooks of training.

        Args:
            tensors: `TrainingTensors`.
        """
        watched = {"discriminator": tensors.losses["d_loss"], "generator": tensors.losses["g_loss"]}
        hooks = [FiniteLossHook(tensors.global_step, watched), *self._device.training_hooks()]
        if self._device.owns_folder:
            # First, so that the time stamps lie right after the session's run.
            hooks = [*self._reports(tensors), *hooks]
        if self._device.is_chief:
            # Last, after the hook that saves the checkpoint which is to be scored.
            hooks += self._results(tensors)
        return hooks

    def for_evaluation(self, rows):
        """Lists the hooks of evaluation.

        Args:
            rows: uint8 tensor [batch, height, 3 width, 3].
        """
        return [ImageRowsHook(rows, _SHOWN_ROWS, self.evaluator.eval_dir(), "val")]

    def _reports(self, tensors):
        options, step = self._options, tensors.global_step
        folder = options.checkpoint_dir
        throughput = ThroughputHook(
            step,
            self._clock,
            options.batch_size * self._device.size,
            os.path.join(folder, THROUGHPUT_FILE),
            every_steps=options.print_freq,
            summary_dir=folder,
        )
        yield throughput
        yield ProgressHook(
            step,
            tensors.losses,
            lambda: throughput.window_images_per_sec,
            steps_per_epoch=self._steps_per_epoch,
            max_steps=self._target_step,
            every_steps=options.print_freq,
            report_path=os.path.join(folder, PROGRESS_FILE),
            clock=self._clock,
            scaling=tensors.scaling,
        )
        if self._device.session_writes_summaries:
            yield tf.train.SummarySaverHook(
                save_steps=options.image_freq,
                output_dir=folder,
                summary_op=tf.summary.merge_all(IMAGES),
            )

    def _results(self, tensors):
        options, step = self._options, tensors.global_step
        if self._val_pairs:
            yield EvaluationHook(step, self._evaluate, options.save_checkpoints_steps, self._clock)
        yield FrozenGraphHook(
            step,
            views.inference_graph_builder(options),
            tensors.generator_variables,
            options.frozen_dir,
            views.frozen_note(options),
            every_steps=options.save_frozen_steps,
            clock=self._clock,
        )

    def _evaluate(self):
        metrics = self.evaluator.evaluate(
            lambda: evaluation_dataset(self._val_pairs, views.pair_format(self._options))
        )
        return {name: float(metrics[name]) for name in ("l1", "psnr", "ssim")}
