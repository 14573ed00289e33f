"""Images per second, as a TensorBoard scalar and as a report."""

from collections import deque

import numpy as np
import tensorflow.compat.v1 as tf

_KEPT_INTERVALS = 100000  # For the percentiles; the mean is over all.


class ThroughputHook(tf.train.SessionRunHook):
    """Measures images divided by wall time.

    An interval reaches from the end of one `session.run` to the end of the next, pauses of the
    clock left out, and counts as many steps as the global step advanced by: an NPU may do several
    steps in a run, and loss scaling may skip one. The first two runs, which compile, and the
    warm-up are left out.

    Args:
        global_step: int64 scalar tensor, the step after the run's update (a plain read of the
            variable may come before or after it).
        clock: `TrainingClock`.
        global_batch_size: Images per step, over all devices.
        write_report: Function of the report, a dict that JSON can hold, called at the end and by
            `write`.
        every_steps: Steps of a window, after each of which the scalar is written.
        warmup_steps: Steps left out at the start. A run too short for that leaves out the first
            two runs only.
        summary_dir: Where the scalar goes; None for nowhere.
    """

    def __init__(
        self,
        global_step,
        clock,
        global_batch_size,
        write_report,
        every_steps=50,
        warmup_steps=10,
        summary_dir=None,
    ):
        self._global_step = global_step
        self._clock = clock
        self._batch_size = global_batch_size
        self._write_report = write_report
        self._every_steps = every_steps
        self._warmup_steps = warmup_steps
        self._summary_dir = summary_dir
        self._warm = _Measurement()
        self._warmup = _Measurement()
        self._window = _Measurement()
        self._first_step = None
        self.window_images_per_sec = None
        """Of the last full window, or of the one under way before there is any; None at first."""

    def begin(self):
        """Finds the step's variable, to be read when no update is to be run."""
        self._step_variable = tf.train.get_or_create_global_step()

    def after_create_session(self, session, coord):
        """Starts counting at the step that was restored."""
        self._step = self._first_step = int(session.run(self._step_variable))
        self._seconds, self._start = None, self._clock.training_seconds()
        self._runs = 0

    def before_run(self, run_context):
        """Asks for the step."""
        return tf.train.SessionRunArgs(self._global_step)

    def after_run(self, run_context, run_values):
        """Adds an interval."""
        step, seconds = int(run_values.results), self._clock.training_seconds()
        self._runs += 1
        # The first run compiles the step with its summaries, the second the step without them.
        if self._runs > 2:
            steps, duration = step - self._step, seconds - self._seconds
            warm = self._step - self._first_step >= self._warmup_steps
            (self._warm if warm else self._warmup).add(steps, duration)
            self._window.add(steps, duration)
            self._update_window(step)
        self._step, self._seconds = step, seconds

    def end(self, session):
        """Writes the report."""
        self.write()

    def write(self):
        """Writes the report as it is by now, unless no step was made."""
        if self._first_step is None or self._step == self._first_step:
            return
        # A run shorter than the warm-up still says what it saw.
        measured = self._warm if self._warm.steps else self._warmup
        report = measured.report(self._batch_size)
        report["warmup_steps"] = self._warmup_steps if measured is self._warm else 0
        report["left_out_steps"] = self._step - self._first_step - measured.steps
        report["left_out_seconds"] = self._seconds - self._start - measured.seconds
        report["first_step"], report["last_step"] = self._first_step, self._step
        report["paused_seconds"] = self._clock.paused_seconds()
        self._write_report(report)

    def _update_window(self, step):
        full = self._window.steps >= self._every_steps
        if self._window.steps and (full or self.window_images_per_sec is None):
            self.window_images_per_sec = self._window.images_per_sec(self._batch_size)
        if not full:
            return
        if self._summary_dir is not None:
            value = tf.Summary.Value(tag="images_per_sec", simple_value=self.window_images_per_sec)
            writer = tf.summary.FileWriterCache.get(self._summary_dir)
            writer.add_summary(tf.Summary(value=[value]), step)
        self._window = _Measurement()


class _Measurement:
    """Steps and seconds, with the time of each step for the percentiles."""

    def __init__(self):
        self.steps = 0
        self.seconds = 0.0
        self._intervals = deque(maxlen=_KEPT_INTERVALS)
        self._pending = 0.0

    def add(self, steps, seconds):
        self.seconds += seconds
        self.steps += steps
        # A run whose step was skipped costs time that belongs to the next step made.
        self._pending += seconds
        if steps > 0:
            self._intervals.append((steps, self._pending))
            self._pending = 0.0

    def images_per_sec(self, batch_size):
        return batch_size * self.steps / self.seconds if self.steps and self.seconds else None

    def report(self, batch_size):
        median = slow = None
        if self._intervals:
            counts = [steps for steps, _ in self._intervals]
            milliseconds = [1000.0 * seconds / steps for steps, seconds in self._intervals]
            median, slow = np.percentile(np.repeat(milliseconds, counts), [50, 95])
        return {
            "images_per_sec": self.images_per_sec(batch_size),
            "images_per_sec_median": 1000.0 * batch_size / median if median else None,
            "step_ms_p50": median,
            "step_ms_p95": slow,
            "steps": self.steps,
            "global_batch_size": batch_size,
            "measured_seconds": self.seconds,
        }
