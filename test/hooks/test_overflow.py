import pytest
import tensorflow.compat.v1 as tf

from hooks.finite import NonFiniteLossError
from hooks.overflow import OverflowHook


@pytest.fixture
def run_with():
    """Runs the hook on a list of (scale, skipped steps so far)."""

    def run(states, steps_per_run=1):
        with tf.Graph().as_default():
            scale, skipped = tf.placeholder(tf.float32, []), tf.placeholder(tf.int64, [])
            scaling = {"generator": {"loss_scale": scale, "skipped_steps": skipped}}
            hook = OverflowHook(scaling, steps_per_run)
            with tf.train.SingularMonitoredSession([hook]) as session:
                for number, (scale_value, count) in enumerate(states):
                    session.run([], {scale: scale_value, skipped: count})
                    last = number
        return last

    return run


def test_a_fixed_scale_that_always_overflows_ends_training_after_some_tens(run_with):
    with pytest.raises(NonFiniteLossError) as error:
        run_with([(1e38, count) for count in range(1000)])
    message = str(error.value)
    assert message.startswith("the gradients of the generator have overflowed 50 times in a row")
    assert "at the loss scale 1e+38; use a smaller `loss_scale`" in message


def test_a_scale_that_goes_down_is_given_the_time(run_with):
    states = [(2.0 ** (100 - count), count) for count in range(100)]
    assert run_with(states) == 99


def test_at_the_smallest_scale_it_is_the_training_that_is_at_fault(run_with):
    states = [(1.0, count) for count in range(100)]
    with pytest.raises(NonFiniteLossError, match="the smallest; try a lower `learning_rate`"):
        run_with(states)


def test_steps_that_are_made_in_between_start_the_count_anew(run_with):
    states, count = [], 0
    for step in range(300):
        count += step % 40 != 0
        states.append((8.0, count))
    assert run_with(states) == 299


def test_with_several_steps_to_a_run_all_of_them_have_to_overflow(run_with):
    assert run_with([(8.0, 9 * run) for run in range(100)], steps_per_run=10) == 99
    with pytest.raises(NonFiniteLossError):
        run_with([(8.0, 10 * run) for run in range(100)], steps_per_run=10)
