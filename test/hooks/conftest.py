"""A training of one variable, with a time that the test moves."""

import contextlib
import glob
import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from hooks.clock import TrainingClock

tf.enable_resource_variables()
tf.logging.set_verbosity(tf.logging.ERROR)


class FakeTime:
    """Seconds that pass only when told to."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


class Training:
    """A graph whose train_op advances the step by what is fed, and takes the time it is told.

    Attributes:
        graph: The graph, for tests that add to it.
        train_op: What a run does; tests may add to it.
        advance: int64 scalar, the steps of the run.
        step: The step after the run's update.
        losses: Dict of a discriminator's and a generator's loss, fed with each run.
        lines: What `write` was given.
    """

    def __init__(self, fake_time, first_step=0):
        self.time = fake_time
        self.lines = []
        self._first_step = first_step
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.variable = tf.train.get_or_create_global_step()
            self.advance = tf.placeholder_with_default(np.int64(1), [], name="advance")
            self.losses = {
                "d_loss": tf.placeholder_with_default(np.float32(0), [], name="d_loss"),
                "g_loss": tf.placeholder_with_default(np.float32(0), [], name="g_loss"),
            }
            self.train_op = tf.assign_add(self.variable, self.advance).op
            with tf.control_dependencies([self.train_op]):
                self.step = tf.identity(self.variable.read_value())

    def write(self, line):
        self.lines.append(line)

    @contextlib.contextmanager
    def session(self, hooks, checkpoint_dir=None):
        """Yields a function that makes one run; the hooks' `end` is called at the end."""

        def make_run(advance=1, seconds=1.0, d_loss=0.0, g_loss=0.0):
            self.time.advance(seconds)
            feed = {
                self.advance: advance,
                self.losses["d_loss"]: d_loss,
                self.losses["g_loss"]: g_loss,
            }
            session.run(self.train_op, feed)

        with self.graph.as_default():
            scaffold = tf.train.Scaffold(
                init_fn=lambda _, session: self.variable.load(self._first_step, session)
            )
            with tf.train.SingularMonitoredSession(
                hooks, scaffold=scaffold, checkpoint_dir=checkpoint_dir
            ) as session:
                yield make_run


@pytest.fixture
def fake_time():
    return FakeTime()


@pytest.fixture
def clock(fake_time):
    return TrainingClock(now=fake_time)


@pytest.fixture
def training(fake_time):
    return Training(fake_time)


@pytest.fixture
def training_from(fake_time):
    """Makes a training whose step is at first the given one, as if restored."""
    return lambda first_step: Training(fake_time, first_step)


@pytest.fixture
def read_events():
    """Reads all summary values of a folder as (step, value), in the order written."""

    def read(folder):
        tf.summary.FileWriterCache.clear()  # Closes the files.
        return [
            (event.step, value)
            for path in sorted(glob.glob(os.path.join(str(folder), "events.*")))
            for event in tf.train.summary_iterator(path)
            for value in event.summary.value
        ]

    yield read
    tf.summary.FileWriterCache.clear()
