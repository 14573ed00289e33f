import json
import re

import pytest

from hooks.progress import ProgressHook

# What Pix2Pix_ID0359 prints: "Epoch: [%2d] [%4d/%4d] time: %4.4f, d_loss: %.8f, g_loss: %.8f".
MODEL_ZOO = re.compile(
    r"^Epoch: \[([ \d]\d+)\] \[([ \d]{3}\d+)/([ \d]{3}\d+)\] time: (\d+\.\d{4}), "
    r"d_loss: (-?\d+\.\d{8}), g_loss: (-?\d+\.\d{8})"
)


def printed_steps(lines):
    return [int(re.search(r"step: (\d+)/", line).group(1)) for line in lines]


def times_left(lines):
    return [line.split("left: ")[1] for line in lines]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.json"


@pytest.fixture
def make_hook(clock, path):
    def make(training, rate=None, **options):
        settings = {"steps_per_epoch": 400, "max_steps": 20, "every_steps": 5, **options}
        return ProgressHook(
            training.step,
            training.losses,
            lambda: rate,
            write_report=lambda report: path.write_text(json.dumps(report)),
            clock=clock,
            write=training.write,
            **settings,
        )

    return make


class TestLine:
    def test_whole_line(self, training, make_hook):
        with training.session([make_hook(training, rate=3.456)]) as make_run:
            make_run(seconds=1.5, d_loss=0.5, g_loss=-1.25)
        assert training.lines == [
            "Epoch: [ 1] [   1/ 400] time: 1.5000, d_loss: 0.50000000, g_loss: -1.25000000\n"
            "    step: 1/20, images/sec: 3.46, left: --"
        ]

    def test_a_rate_not_known_yet_is_two_dashes(self, training, make_hook):
        with training.session([make_hook(training, rate=None)]) as make_run:
            make_run()
        assert "images/sec: --, left: --" in training.lines[0]

    @pytest.mark.parametrize(
        ("steps", "steps_per_epoch", "epoch", "step"),
        [(1, 4, 1, 1), (4, 4, 1, 4), (5, 4, 2, 1), (7, 1, 7, 1), (123456, 10, 12346, 6)],
    )
    def test_begins_as_the_model_zoo_prints_it(
        self, training, make_hook, steps, steps_per_epoch, epoch, step
    ):
        hook = make_hook(training, steps_per_epoch=steps_per_epoch, max_steps=10**6)
        with training.session([hook]) as make_run:
            make_run(advance=steps, seconds=1234.56789, d_loss=0.125, g_loss=60.5)
        values = MODEL_ZOO.match(training.lines[0]).groups()
        assert [int(value) for value in values[:3]] == [epoch, step, steps_per_epoch]
        assert values[3:] == ("1234.5679", "0.12500000", "60.50000000")

    def test_shows_the_losses_of_its_own_run(self, training, make_hook):
        with training.session([make_hook(training, every_steps=2, max_steps=4)]) as make_run:
            for step in range(1, 5):
                make_run(d_loss=step, g_loss=10 * step)
        losses = [tuple(map(float, MODEL_ZOO.match(line).groups()[4:])) for line in training.lines]
        assert losses == [(1.0, 10.0), (2.0, 20.0), (4.0, 40.0)]

    def test_goes_to_standard_output_unless_told_otherwise(self, training, clock, path, capsys):
        hook = ProgressHook(
            training.step, training.losses, lambda: None, 4, 20, 5, lambda report: None, clock
        )
        with training.session([hook]) as make_run:
            make_run()
        assert MODEL_ZOO.match(capsys.readouterr().out)


class TestWhen:
    @pytest.mark.parametrize(
        ("every_steps", "max_steps", "advances", "expected"),
        [
            (5, 12, [1] * 12, [1, 5, 10, 12]),  # The first, each fifth, the last.
            (5, 10, [1] * 10, [1, 5, 10]),  # The last is a fifth: once.
            (1, 3, [1] * 3, [1, 2, 3]),
            (100, 1000, [1] * 7, [1, 7]),  # Ended before max_steps.
            (25, 60, [10] * 6, [10, 30, 50, 60]),  # The first runs to reach 25 and 50.
            (5, 40, [10] * 4, [10, 20, 30, 40]),  # One line a run at most.
            (2, 4, [1, 1, 0, 0, 1, 1], [1, 2, 4]),  # A skipped step prints no line again.
        ],
    )
    def test_steps_with_a_line(
        self, training, make_hook, every_steps, max_steps, advances, expected
    ):
        hook = make_hook(training, every_steps=every_steps, max_steps=max_steps)
        with training.session([hook]) as make_run:
            for advance in advances:
                make_run(advance)
        assert printed_steps(training.lines) == expected

    def test_after_resuming_the_first_step_has_a_line_too(self, training_from, make_hook):
        training = training_from(11)
        with training.session([make_hook(training)]) as make_run:
            for _ in range(9):
                make_run()
        assert printed_steps(training.lines) == [12, 15, 20]

    def test_no_run_has_no_line_and_no_report(self, training, make_hook, path):
        path.write_text("older")
        with training.session([make_hook(training)]):
            pass
        assert training.lines == []
        assert path.read_text() == "older"


class TestTimeLeft:
    def test_follows_from_the_steps_after_the_first_run(self, training, make_hook):
        with training.session([make_hook(training)]) as make_run:
            make_run(seconds=100.0)
            for _ in range(19):
                make_run(seconds=2.0)
        # Of 20 steps, 15, 10, 5 and 0 are left, of 2 s each.
        assert times_left(training.lines) == ["--", "0:00:30", "0:00:20", "0:00:10", "0:00:00"]

    def test_counts_steps_not_runs(self, training, make_hook):
        hook = make_hook(training, every_steps=20, max_steps=18000)
        with training.session([hook]) as make_run:
            make_run(advance=10, seconds=100.0)
            make_run(advance=10, seconds=20.0)
        # 17980 steps of 2 s: 35960 s.
        assert times_left(training.lines) == ["--", "9:59:20"]

    def test_past_the_last_step_nothing_is_left(self, training, make_hook):
        """As where a device makes ten steps in a run and skipped one before."""
        with training.session([make_hook(training, max_steps=20)]) as make_run:
            make_run(advance=9, seconds=2.0)
            make_run(advance=20, seconds=2.0)
        assert times_left(training.lines) == ["--", "0:00:00"]
        assert "step: 29/29, " in training.lines[1]

    def test_days(self, training, make_hook):
        hook = make_hook(training, every_steps=2, max_steps=2 + 24 * 60 + 61)
        with training.session([hook]) as make_run:
            make_run(seconds=5.0)
            make_run(seconds=60.0)
        assert times_left(training.lines) == ["--", "1 day, 1:01:00"]

    def test_pauses_are_left_out(self, training, make_hook, clock, fake_time):
        with training.session([make_hook(training)]) as make_run:
            for _ in range(5):
                make_run(seconds=2.0)
                with clock.paused():
                    fake_time.advance(1000.0)
        assert times_left(training.lines) == ["--", "0:00:30"]

    def test_after_resuming_only_the_present_run_counts(self, training_from, make_hook, fake_time):
        training = training_from(10)
        hook = make_hook(training)
        fake_time.advance(10**6)
        with training.session([hook]) as make_run:
            make_run(seconds=100.0)
            for _ in range(4):
                make_run(seconds=3.0)
        assert times_left(training.lines) == ["--", "0:00:15"]
        assert "time: 112.0000," in training.lines[-1]


class TestReport:
    def test_of_a_finished_training(self, training, make_hook, path):
        with training.session([make_hook(training, steps_per_epoch=8)]) as make_run:
            for step in range(1, 21):
                make_run(seconds=0.5, d_loss=step, g_loss=-2 * step)
        # Means of 11, 12, ..., 20.
        assert json.loads(path.read_text()) == {
            "step": 20,
            "first_step": 0,
            "epoch": 3,
            "finished": True,
            "losses": {"d_loss": 15.5, "g_loss": -31.0},
            "last_losses": {"d_loss": 20.0, "g_loss": -40.0},
            "training_seconds": 10.0,
        }

    def test_of_an_interrupted_training_with_fewer_losses_than_ten(self, training, make_hook, path):
        with training.session([make_hook(training)]) as make_run:
            for loss in (1.0, 2.0, 6.0):
                make_run(d_loss=loss, g_loss=loss)
        report = json.loads(path.read_text())
        assert report["losses"] == {"d_loss": 3.0, "g_loss": 3.0}
        assert (report["step"], report["finished"]) == (3, False)

    def test_of_a_resumed_training(self, training_from, make_hook, path, clock, fake_time):
        training = training_from(16)
        hook = make_hook(training)
        fake_time.advance(500.0)
        with training.session([hook]) as make_run:
            make_run(advance=2, seconds=3.0)
            with clock.paused():
                fake_time.advance(70.0)
            make_run(advance=2, seconds=4.0)
        report = json.loads(path.read_text())
        assert (report["first_step"], report["step"]) == (16, 20)
        assert report["finished"] is True
        assert report["training_seconds"] == 7.0

    def test_losses_keep_their_order(self, training, make_hook, path):
        with training.session([make_hook(training)]) as make_run:
            make_run()
        assert list(json.loads(path.read_text())["losses"]) == ["d_loss", "g_loss"]
