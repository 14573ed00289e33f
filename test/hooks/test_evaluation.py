import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hooks.evaluation import EvaluationHook, ImageRowsHook


class SavedSteps(tf.train.CheckpointSaverListener):
    """Keeps the steps at which TensorFlow saves."""

    def __init__(self):
        self.steps = []

    def after_save(self, session, global_step_value):
        self.steps.append(int(global_step_value))


class Evaluated:
    """Trains with a checkpoint saver and an EvaluationHook, and keeps what they did."""

    def __init__(self, folder, clock):
        self._folder = str(folder)
        self._clock = clock

    def train(
        self, training, advances, save_steps, seconds=0.0, steps_per_run=1, at_end_alone=False
    ):
        """Evaluation returns the step of the newest checkpoint, and takes some seconds."""
        self.saved, self.checkpoints = SavedSteps(), []

        def evaluate():
            training.time.advance(seconds)
            self.checkpoints.append(int(tf.train.load_variable(self._folder, "global_step")))
            return {"checkpoint": self.checkpoints[-1]}

        saver = tf.train.CheckpointSaverHook(
            self._folder, save_steps=save_steps, listeners=[self.saved]
        )
        # Estimators that do several steps in a run tell the saver so.
        saver._set_steps_per_run(steps_per_run)
        every_steps = None if at_end_alone else save_steps
        hook = EvaluationHook(training.step, evaluate, every_steps, self._clock, training.write)
        with training.session([saver, hook], checkpoint_dir=self._folder) as make_run:
            for advance in advances:
                make_run(advance)


@pytest.fixture
def evaluated(tmp_path, clock):
    return Evaluated(tmp_path, clock)


def lines_for(steps):
    """An evaluation says the step that its checkpoint is of."""
    return [f"val: step {step}, checkpoint: {step:.4f}" for step in steps]


class TestEvaluationHook:
    @pytest.mark.parametrize(
        ("advance", "runs", "save_steps", "saved"),
        [
            (1, 7, 3, [0, 3, 6, 7]),
            (1, 6, 3, [0, 3, 6]),  # The end is a save's step: once.
            (1, 2, 3, [0, 2]),
            (1, 3, 1, [0, 1, 2, 3]),
            (10, 6, 20, [0, 20, 40, 60]),
            (10, 6, 25, [0, 30, 60]),
            (10, 5, 25, [0, 30, 50]),
            (10, 3, 5, [0, 10, 20, 30]),
        ],
    )
    def test_each_checkpoint_but_the_first_is_evaluated(
        self, training, evaluated, advance, runs, save_steps, saved
    ):
        evaluated.train(training, [advance] * runs, save_steps, steps_per_run=advance)
        assert evaluated.saved.steps == saved
        assert evaluated.checkpoints == saved[1:]
        assert training.lines == lines_for(saved[1:])

    def test_a_skipped_step_is_not_evaluated_again(self, training, evaluated):
        evaluated.train(training, [1, 1, 0, 0, 1, 0, 1, 1], save_steps=2)
        assert evaluated.saved.steps == [0, 2, 4, 5]
        assert training.lines == lines_for([2, 4, 5])

    @pytest.mark.parametrize(
        ("first", "second", "save_steps", "saved"),
        [
            # From step 5 on, TensorFlow saves at 5 + 3 and 8 + 3, not at multiples of 3.
            (5, 7, 3, [5, 8, 11, 12]),
            (6, 3, 3, [6, 9]),
        ],
    )
    def test_after_resuming_the_checkpoints_made_since_are_evaluated(
        self, training_from, evaluated, first, second, save_steps, saved
    ):
        evaluated.train(training_from(0), [1] * first, save_steps)
        resumed = training_from(0)
        evaluated.train(resumed, [1] * second, save_steps)
        assert evaluated.saved.steps == saved
        assert resumed.lines == lines_for(saved[1:])

    def test_nothing_is_evaluated_when_nothing_is_left_to_train(self, training_from, evaluated):
        evaluated.train(training_from(0), [1] * 4, save_steps=2)
        resumed = training_from(0)
        evaluated.train(resumed, [], save_steps=2)
        assert resumed.lines == []

    @pytest.mark.parametrize("advances", [[1] * 7, [10, 10]])
    def test_if_so_wanted_the_last_checkpoint_alone_is_evaluated(
        self, training, evaluated, advances
    ):
        evaluated.train(training, advances, save_steps=2, at_end_alone=True)
        assert training.lines == lines_for([sum(advances)])

    def test_time_of_an_evaluation_is_a_pause(self, training, evaluated, clock):
        evaluated.train(training, [1] * 5, save_steps=2, seconds=100.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (5.0, 300.0)

    def test_a_failed_evaluation_ends_the_pause_and_is_not_hidden(self, training, clock, fake_time):
        def fail():
            fake_time.advance(9.0)
            raise OSError("no checkpoint")

        hook = EvaluationHook(training.step, fail, 1, clock, training.write)
        with pytest.raises(OSError, match="no checkpoint"):
            with training.session([hook]) as make_run:
                make_run()
        fake_time.advance(2.0)
        assert (clock.training_seconds(), clock.paused_seconds()) == (3.0, 9.0)
        assert training.lines == []

    def test_line_has_the_metrics_in_order_with_four_digits(self, training, clock):
        metrics = {"ssim": 0.123456, "l1": np.float32(12.0), "psnr": -3.00005}
        hook = EvaluationHook(training.step, lambda: metrics, 2, clock, training.write)
        with training.session([hook]) as make_run:
            make_run()
            make_run()
        assert training.lines == ["val: step 2, ssim: 0.1235, l1: 12.0000, psnr: -3.0000"]

    def test_what_is_made_of_the_scores_is_said_after_them(self, training, clock):
        said = {1: "the best", 2: None}
        hook = EvaluationHook(
            training.step,
            lambda: {"l1": 0.5},
            1,
            clock,
            training.write,
            keep=lambda step, metrics: said[step] and f"{said[step]}: {metrics['l1']}",
        )
        with training.session([hook]) as make_run:
            make_run()
            make_run()
        assert training.lines == [
            "val: step 1, l1: 0.5000",
            "the best: 0.5",
            "val: step 2, l1: 0.5000",
        ]

    @pytest.mark.parametrize(
        ("first_step", "every_steps", "steps"),
        [(3, 2, [3, 5]), (4, 2, [6]), (0, 2, [2]), (3, None, [5])],
    )
    def test_the_step_that_is_gone_on_from_is_evaluated_if_it_was_not(
        self, training_from, clock, first_step, every_steps, steps
    ):
        training = training_from(first_step)
        hook = EvaluationHook(
            training.step,
            lambda: {"l1": 0.5},
            every_steps,
            clock,
            training.write,
            is_evaluated=lambda step: step % 2 == 0,
        )
        with training.session([hook]) as make_run:
            make_run()
            make_run()
        assert training.lines == [f"val: step {step}, l1: 0.5000" for step in steps]

    def test_line_goes_to_standard_output_unless_told_otherwise(self, training, clock, capsys):
        hook = EvaluationHook(training.step, lambda: {"l1": 0.5}, 1, clock)
        with training.session([hook]) as make_run:
            make_run()
        assert capsys.readouterr().out == "val: step 1, l1: 0.5000\n"


class TestImageRowsHook:
    def evaluate(self, batches, count, folder, step=7):
        """Runs an evaluation, one batch a run, at a step that no run changes."""
        with tf.Graph().as_default():
            variable = tf.train.get_or_create_global_step()
            rows = tf.placeholder_with_default(np.zeros([1, 4, 5, 3], np.uint8), [None, 4, 5, 3])
            hook = ImageRowsHook(rows, count, str(folder), "val")
            scaffold = tf.train.Scaffold(init_fn=lambda _, session: variable.load(step, session))
            with tf.train.SingularMonitoredSession([hook], scaffold=scaffold) as session:
                update = session.graph.get_tensor_by_name("global_step/Read/ReadVariableOp:0")
                for batch in batches:
                    session.run(update, {rows: batch})

    def pictures(self, *shape):
        return np.random.RandomState(8).randint(0, 256, (*shape, 4, 5, 3)).astype(np.uint8)

    def decode(self, value):
        return np.asarray(Image.open(io.BytesIO(value.image.encoded_image_string)))

    @settings(
        max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4),
        count=st.integers(0, 9),
    )
    def test_the_first_pictures_over_all_batches_are_written(
        self, tmp_path_factory, read_events, sizes, count
    ):
        batches = [self.pictures(size) for size in sizes]
        expected = np.concatenate(batches)[:count]
        folder = tmp_path_factory.mktemp("pictures")
        self.evaluate(batches, count, folder)
        events = read_events(folder)
        assert [value.tag for _, value in events] == [f"val/{i}" for i in range(len(expected))]
        for (_, value), picture in zip(events, expected):
            np.testing.assert_array_equal(self.decode(value), picture)

    def test_picture_is_a_png_of_its_size_at_the_step(self, tmp_path, read_events):
        self.evaluate([self.pictures(3)], 2, tmp_path, step=1234)
        events = read_events(tmp_path)
        assert [step for step, _ in events] == [1234, 1234]
        for _, value in events:
            assert value.image.encoded_image_string.startswith(b"\x89PNG")
            assert (value.image.height, value.image.width, value.image.colorspace) == (4, 5, 3)

    def test_a_second_evaluation_starts_anew(self, tmp_path, read_events):
        first, second = self.pictures(2, 2)
        self.evaluate([first], 2, tmp_path, step=10)
        self.evaluate([second], 2, tmp_path, step=20)
        events = read_events(tmp_path)
        assert [(step, value.tag) for step, value in events] == [
            (10, "val/0"),
            (10, "val/1"),
            (20, "val/0"),
            (20, "val/1"),
        ]
        for (_, value), picture in zip(events, [*first, *second]):
            np.testing.assert_array_equal(self.decode(value), picture)
