import pytest
import tensorflow.compat.v1 as tf

from hooks import FrozenGraphHook


@pytest.fixture
def saved():
    """What was to be saved: (step, value of the variable)."""
    return []


@pytest.fixture
def make_hook(saved, clock):
    def make(training, every_steps, while_saving=lambda: None):
        """A hook for a training whose variable `generator/scale` grows with the step."""
        with training.graph.as_default(), tf.variable_scope("generator"):
            scale = tf.get_variable(
                "scale", [], initializer=tf.zeros_initializer(), use_resource=True
            )
            growth = tf.cast(training.advance, tf.float32)
            training.train_op = tf.group(training.train_op, tf.assign_add(scale, growth))

        def save(step, values):
            while_saving()
            saved.append((step, float(values["generator/scale"])))

        return FrozenGraphHook(training.step, [scale], save, every_steps, clock)

    return make


class TestHook:
    @pytest.mark.parametrize(
        ("every_steps", "first_step", "advances", "expected"),
        [
            (2, 0, [1] * 5, [2, 4, 5]),
            (2, 0, [1] * 4, [2, 4]),  # The last is written already.
            (0, 0, [1] * 3, [3]),  # At the end only.
            (20, 0, [10] * 5, [20, 40, 50]),
            (25, 0, [10] * 6, [30, 50, 60]),  # The first runs to reach 25 and 50.
            (5, 0, [10] * 2, [10, 20]),
            (25, 40, [10] * 2, [50, 60]),  # Multiples do not depend on where training resumed.
            (25, 50, [10] * 3, [80]),
            (2, 0, [1, 1, 0, 0, 1], [2, 3]),  # A skipped step writes nothing again.
            (2, 4, [], []),
            (2, 4, [0, 0], []),
        ],
    )
    def test_steps_with_a_graph(
        self, training_from, make_hook, saved, every_steps, first_step, advances, expected
    ):
        training = training_from(first_step)
        with training.session([make_hook(training, every_steps)]) as make_run:
            for advance in advances:
                make_run(advance)
        assert [step for step, _ in saved] == expected

    @pytest.mark.parametrize(("every_steps", "steps"), [(20, [20, 40, 50]), (15, [20, 30, 50])])
    def test_values_are_those_of_the_step(self, training, make_hook, saved, every_steps, steps):
        with training.session([make_hook(training, every_steps)]) as make_run:
            for _ in range(5):
                make_run(advance=10)
        assert saved == [(step, float(step)) for step in steps]

    def test_time_of_writing_is_a_pause(self, training, make_hook, clock, fake_time):
        hook = make_hook(training, 2, while_saving=lambda: fake_time.advance(100.0))
        with training.session([hook]) as make_run:
            for _ in range(3):
                make_run(seconds=1.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (3.0, 200.0)
