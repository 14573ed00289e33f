"""Scores and pictures of held-out data, during training."""

import io

import tensorflow.compat.v1 as tf
from PIL import Image

from hooks.progress import print_line


class EvaluationHook(tf.train.SessionRunHook):
    """Evaluates each time a checkpoint was saved; to be called after the hook that saves.

    Args:
        global_step: int64 scalar tensor, the step after the run's update.
        evaluate: Function that evaluates the newest checkpoint and returns name to number.
        every_steps: Steps between checkpoints; None to evaluate at the end alone.
        clock: `TrainingClock`, stopped meanwhile.
        write: Function that prints a line.
        is_cut_short: Function that says whether training is to end now, without a score.
        keep: Function of (step, metrics) that does more with them, and returns a line or None.
        is_evaluated: Function of the step that training goes on from, whether that is evaluated.
    """

    def __init__(
        self,
        global_step,
        evaluate,
        every_steps,
        clock,
        write=print_line,
        is_cut_short=lambda: False,
        keep=lambda step, metrics: None,
        is_evaluated=lambda step: True,
    ):
        self._step_after_run = global_step
        self._evaluate = evaluate
        self._clock = clock
        self._write = write
        self._is_cut_short = is_cut_short
        self._keep = keep
        self._is_evaluated = is_evaluated
        self._every_steps = every_steps
        # The timer of TensorFlow's own CheckpointSaverHook, so that both agree on when.
        self._timer = tf.train.SecondOrStepTimer(every_steps=every_steps or 1)

    def begin(self):
        """Finds the global step."""
        self._global_step = tf.train.get_or_create_global_step()
        self._timer.reset()

    def after_create_session(self, session, coord):
        """Starts counting at the step that was restored.

        A run that was killed before it could evaluate that step has it evaluated now.
        """
        step = self._evaluated_step = int(session.run(self._global_step))
        self._timer.update_last_triggered_step(step)
        if step and self._every_steps is not None and not self._is_evaluated(step):
            self._evaluate_at(step)

    def before_run(self, run_context):
        """Asks for the step."""
        return tf.train.SessionRunArgs(self._step_after_run)

    def after_run(self, run_context, run_values):
        """Evaluates when a checkpoint was due."""
        step = int(run_values.results)
        if self._every_steps is not None and self._timer.should_trigger_for_step(step):
            self._timer.update_last_triggered_step(step)
            self._evaluate_at(step)

    def end(self, session):
        """Evaluates the last checkpoint, unless that is done."""
        step = int(session.run(self._global_step))
        if step != self._evaluated_step:
            self._evaluate_at(step)

    def _evaluate_at(self, step):
        if self._is_cut_short():
            return
        with self._clock.paused():
            metrics = self._evaluate()
            self._evaluated_step = step
            values = ", ".join(f"{name}: {value:.4f}" for name, value in metrics.items())
            self._write(f"val: step {step}, {values}")
            line = self._keep(step, metrics)
        if line is not None:
            self._write(line)


class ImageRowsHook(tf.train.SessionRunHook):
    """Writes the first pictures of an evaluation to TensorBoard.

    Args:
        rows: uint8 tensor [batch, height, width, 3].
        count: Number of pictures.
        output_dir: Folder of the events.
        tag: The pictures are `tag/0`, `tag/1`, ...
    """

    def __init__(self, rows, count, output_dir, tag):
        self._rows = rows
        self._count = count
        self._output_dir = output_dir
        self._tag = tag

    def begin(self):
        """Starts with no picture."""
        self._global_step = tf.train.get_or_create_global_step()
        self._pictures = []

    def before_run(self, run_context):
        """Asks for pictures until there are enough."""
        wanted = self._rows if len(self._pictures) < self._count else []
        return tf.train.SessionRunArgs(wanted)

    def after_run(self, run_context, run_values):
        """Keeps the pictures."""
        missing = self._count - len(self._pictures)
        self._pictures.extend(list(run_values.results)[:missing])

    def end(self, session):
        """Writes them."""
        values = [
            tf.Summary.Value(tag=f"{self._tag}/{number}", image=_encoded(picture))
            for number, picture in enumerate(self._pictures)
        ]
        writer = tf.summary.FileWriterCache.get(self._output_dir)
        writer.add_summary(tf.Summary(value=values), int(session.run(self._global_step)))
        writer.flush()


def _encoded(picture):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    height, width, channels = picture.shape
    return tf.Summary.Image(
        height=height,
        width=width,
        colorspace=channels,
        encoded_image_string=buffer.getvalue(),
    )
