import pytest
import tensorflow.compat.v1 as tf

from hooks.clock import PauseForCheckpoint, TrainingClock


class TestTrainingClock:
    def test_starts_at_zero_and_follows_time(self, fake_time):
        clock = TrainingClock(now=fake_time)
        assert clock.training_seconds() == 0.0
        fake_time.advance(2.5)
        assert clock.training_seconds() == 2.5
        assert clock.paused_seconds() == 0.0

    def test_stands_still_in_a_pause(self, clock, fake_time):
        fake_time.advance(1.0)
        clock.pause()
        fake_time.advance(10.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (1.0, 10.0)
        clock.resume()
        fake_time.advance(2.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (3.0, 10.0)

    def test_pauses_add_up(self, clock, fake_time):
        for seconds in (3.0, 4.0):
            fake_time.advance(1.0)
            with clock.paused():
                fake_time.advance(seconds)
        assert (clock.training_seconds(), clock.paused_seconds()) == (2.0, 7.0)

    def test_nested_pauses_count_once_and_end_with_the_outermost(self, clock, fake_time):
        with clock.paused():
            fake_time.advance(1.0)
            with clock.paused():
                fake_time.advance(2.0)
            fake_time.advance(4.0)
            assert (clock.training_seconds(), clock.paused_seconds()) == (0.0, 7.0)
        fake_time.advance(8.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (8.0, 7.0)

    def test_an_error_ends_the_pause(self, clock, fake_time):
        with pytest.raises(KeyError), clock.paused():
            fake_time.advance(1.0)
            raise KeyError
        fake_time.advance(2.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (2.0, 1.0)

    def test_real_time_is_the_default_and_does_not_go_back(self):
        clock = TrainingClock()
        seconds = [clock.training_seconds() for _ in range(100)]
        assert seconds == sorted(seconds)
        assert seconds[0] >= 0.0


class SlowSave(tf.train.CheckpointSaverListener):
    """Takes time after `before_save` of those listed before it and before their `after_save`."""

    def __init__(self, fake_time, seconds):
        self._time = fake_time
        self._seconds = seconds
        self.steps = []

    def before_save(self, session, global_step_value):
        self._time.advance(self._seconds)
        self.steps.append(int(global_step_value))


def test_time_of_a_checkpoint_is_a_pause(tmp_path, training, clock, fake_time):
    slow = SlowSave(fake_time, 100.0)
    saver = tf.train.CheckpointSaverHook(
        str(tmp_path), save_steps=2, listeners=[PauseForCheckpoint(clock), slow]
    )
    with training.session([saver]) as make_run:
        for _ in range(5):
            make_run(seconds=1.0)
    assert slow.steps == [0, 2, 4, 5]
    assert clock.training_seconds() == 5.0
    assert clock.paused_seconds() == 400.0
