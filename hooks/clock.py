"""A clock that stands still while training does."""

import contextlib
import time

import tensorflow.compat.v1 as tf


class TrainingClock:
    """Measures time less pauses, so that saving and evaluating do not count as training.

    Args:
        now: Function that returns seconds and never goes back.
    """

    def __init__(self, now=time.perf_counter):
        self._now = now
        self._start = now()
        self._pauses = 0
        self._pause_start = None
        self._paused_seconds = 0.0

    def training_seconds(self):
        """Seconds since the clock was made, less the pauses."""
        return self._now() - self._start - self.paused_seconds()

    def paused_seconds(self):
        """Seconds of all pauses, the present one included."""
        present = 0.0 if self._pause_start is None else self._now() - self._pause_start
        return self._paused_seconds + present

    def pause(self):
        """Stops the clock. Pauses nest; the clock goes on when the outermost one ends."""
        self._pauses += 1
        if self._pauses == 1:
            self._pause_start = self._now()

    def resume(self):
        """Ends a pause."""
        self._pauses -= 1
        if self._pauses == 0:
            self._paused_seconds += self._now() - self._pause_start
            self._pause_start = None

    @contextlib.contextmanager
    def paused(self):
        """Stops the clock for the length of a `with` block."""
        self.pause()
        try:
            yield
        finally:
            self.resume()


class PauseForCheckpoint(tf.train.CheckpointSaverListener):
    """Stops a clock while a checkpoint is written."""

    def __init__(self, clock):
        self._clock = clock

    def before_save(self, session, global_step_value):
        """Stops the clock."""
        self._clock.pause()

    def after_save(self, session, global_step_value):
        """Lets it go on."""
        self._clock.resume()
