"""One line every so many steps, and a report of the losses at the end."""

import datetime
from collections import deque

import tensorflow.compat.v1 as tf

_IN_FIRST_LINE = 2  # d_loss and g_loss.
_AVERAGED = 10  # The last losses that the report averages, as ModelZoo's result log does.


def print_line(text):
    """Prints at once, so that a log file can be followed."""
    print(text, flush=True)


class ProgressHook(tf.train.SessionRunHook):
    """Prints epoch, step, losses, images per second and the time left.

    The first line is what ModelZoo's Pix2Pix_ID0359 prints, for whoever parses such logs; what goes
    beyond is in a second one, and loss scales in a third, so that each fits into 100 columns.

    Args:
        global_step: int64 scalar tensor, the step after the run's update.
        losses: Ordered dict of name to scalar tensor, d_loss and g_loss first; all are reported.
        images_per_sec: Function that returns the present rate, or None.
        steps_per_epoch: Steps in a pass over the data.
        max_steps: The step at which training ends.
        every_steps: Steps between lines; the first and the last step have one, too.
        write_report: Function of the report, a dict that JSON can hold, called at the end and by
            `write`.
        clock: `TrainingClock`, for the time left.
        scaling: Dict of name to scalar tensor, loss scales and counts of skipped steps, to be shown
            at the end of the line; may be empty.
        on_console: Names of the losses that the lines show; None for all.
        write: Function that prints a line.
    """

    def __init__(
        self,
        global_step,
        losses,
        images_per_sec,
        steps_per_epoch,
        max_steps,
        every_steps,
        write_report,
        clock,
        scaling=None,
        on_console=None,
        write=print_line,
    ):
        self._global_step = global_step
        self._losses = losses
        self._on_console = [name for name in losses if on_console is None or name in on_console]
        self._scaling = scaling or {}
        self._last_scaling = {}
        self._images_per_sec = images_per_sec
        self._steps_per_epoch = steps_per_epoch
        self._max_steps = max_steps
        self._every_steps = every_steps
        self._write_report = write_report
        self._clock = clock
        self._write = write
        self._recent = deque(maxlen=_AVERAGED)
        self._last_printed = None

    def begin(self):
        """Finds the step's variable, to be read when no update is to be run."""
        self._step_variable = tf.train.get_or_create_global_step()

    def after_create_session(self, session, coord):
        """Starts counting at the step that was restored."""
        self._step = self._first_step = int(session.run(self._step_variable))
        self._start = self._clock.training_seconds()
        self._timed_from = None

    def before_run(self, run_context):
        """Asks for the step, the losses and their scaling."""
        return tf.train.SessionRunArgs([self._global_step, self._losses, self._scaling])

    def after_run(self, run_context, run_values):
        """Prints a line when one is due."""
        step, losses, scaling = run_values.results
        self._step = int(step)
        self._last_scaling = {name: float(value) for name, value in scaling.items()}
        self._recent.append({name: float(value) for name, value in losses.items()})
        if self._timed_from is None:
            # The time left follows from the steps after the first, which is slow.
            self._timed_from = (self._step, self._clock.training_seconds())
        crossed = (
            self._last_printed is None
            or self._step // self._every_steps > self._last_printed // self._every_steps
            or self._step >= self._max_steps
        )
        if crossed and self._step != self._last_printed:
            self._print()

    def end(self, session):
        """Prints the last line if need be and writes the report, unless no step was made."""
        if self._recent and self._last_printed != self._step:
            self._print()
        self.write()

    def write(self):
        """Writes the report as it is by now, unless no step was made."""
        if not self._recent:
            return
        names = list(self._losses)
        means = {
            name: sum(losses[name] for losses in self._recent) / len(self._recent) for name in names
        }
        report = {
            "step": self._step,
            "first_step": self._first_step,
            "epoch": self._epoch_and_step()[0],
            "finished": self._step >= self._max_steps,
            "losses": means,
            "last_losses": self._recent[-1],
            **self._last_scaling,
            "training_seconds": self._clock.training_seconds() - self._start,
        }
        self._write_report(report)

    def _epoch_and_step(self):
        epochs, step = divmod(max(self._step - 1, 0), self._steps_per_epoch)
        return epochs + 1, step + 1

    def _print(self):
        self._last_printed = self._step
        epoch, step = self._epoch_and_step()
        seconds = self._clock.training_seconds() - self._start
        losses = [f"{name}: {self._recent[-1][name]:.8f}" for name in self._on_console]
        rate = self._images_per_sec()
        more = [
            *losses[_IN_FIRST_LINE:],
            f"step: {self._step}/{max(self._step, self._max_steps)}",
            f"images/sec: {'--' if rate is None else format(rate, '.2f')}",
            f"left: {self._time_left()}",
        ]
        scaling = [f"{name}: {value:g}" for name, value in self._last_scaling.items()]
        lines = [
            f"Epoch: [{epoch:2d}] [{step:4d}/{self._steps_per_epoch:4d}] time: {seconds:4.4f}, "
            + ", ".join(losses[:_IN_FIRST_LINE]),
            *("    " + ", ".join(parts) for parts in (more, scaling) if parts),
        ]
        self._write("\n".join(lines))

    def _time_left(self):
        step, seconds = self._timed_from
        if self._step <= step:
            return "--"
        per_step = (self._clock.training_seconds() - seconds) / (self._step - step)
        # A device that makes several steps in a run may go past the last one.
        steps_left = max(0, self._max_steps - self._step)
        return str(datetime.timedelta(seconds=round(per_step * steps_left)))
