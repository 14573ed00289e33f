import json

import pytest

from hooks.throughput import ThroughputHook


@pytest.fixture
def path(tmp_path):
    return tmp_path / "throughput.json"


def writer(path):
    return lambda report: path.write_text(json.dumps(report))


@pytest.fixture
def measure(training, clock, path):
    """Trains with runs of (advance, seconds), batch size 4, and returns the report."""

    def run(runs, **options):
        hook = ThroughputHook(training.step, clock, 4, writer(path), **options)
        with training.session([hook]) as make_run:
            for advance, seconds in runs:
                make_run(advance, seconds)
        return json.loads(path.read_text())

    return run


class TestReport:
    def test_warm_steps_are_measured(self, measure):
        # Two runs that compile, two steps of warm-up, and then 4 steps in 1 + 2 + 1 + 4 = 8 s.
        seconds = [30.0, 10.0, 7.0, 7.0, 1.0, 2.0, 1.0, 4.0]
        assert measure([(1, each) for each in seconds], warmup_steps=4) == {
            "images_per_sec": 4 * 4 / 8,
            "images_per_sec_median": pytest.approx(4 / 1.5),  # 1, 1, 2, 4: (1 + 2) / 2
            "step_ms_p50": pytest.approx(1500.0),
            "step_ms_p95": pytest.approx(3700.0),  # At 0.95 * 3 = 2.85: 2 + 0.85 * (4 - 2)
            "steps": 4,
            "global_batch_size": 4,
            "measured_seconds": 8.0,
            "warmup_steps": 4,
            "left_out_steps": 4,
            "left_out_seconds": 54.0,
            "first_step": 0,
            "last_step": 8,
            "paused_seconds": 0.0,
        }

    def test_the_first_two_runs_are_left_out_without_a_warm_up_too(self, measure):
        report = measure([(1, 100.0), (1, 50.0), (1, 2.0), (1, 2.0)], warmup_steps=0)
        assert (report["images_per_sec"], report["steps"]) == (2.0, 2)

    def test_a_run_shorter_than_the_warm_up_says_what_it_saw(self, measure):
        report = measure([(1, 100.0), (1, 50.0), (1, 1.0), (1, 4.0), (1, 3.0)], warmup_steps=10)
        assert (report["images_per_sec"], report["steps"]) == (4 * 3 / 8, 3)
        assert report["step_ms_p50"] == pytest.approx(3000.0)
        assert report["warmup_steps"] == 0

    def test_two_runs_have_no_rate(self, measure):
        report = measure([(1, 100.0), (1, 50.0)])
        for name in ("images_per_sec", "images_per_sec_median", "step_ms_p50", "step_ms_p95"):
            assert report[name] is None
        assert (report["steps"], report["last_step"]) == (0, 2)

    def test_a_run_may_stand_for_ten_steps(self, measure):
        report = measure([(10, 60.0), (10, 60.0), (10, 5.0), (10, 10.0), (10, 5.0)])
        assert report["steps"] == 30
        assert report["images_per_sec"] == 4 * 30 / 20
        # 20 steps of 0.5 s and 10 of 1 s.
        assert report["step_ms_p50"] == pytest.approx(500.0)
        assert report["step_ms_p95"] == pytest.approx(1000.0)
        assert report["last_step"] == 50

    def test_runs_of_different_length_weigh_as_many_steps(self, measure):
        report = measure([(1, 9.0), (1, 9.0), (3, 3.0), (1, 2.0)], warmup_steps=0)
        # Steps of 1, 1, 1 and 2 s; at 0.95 * 3 = 2.85: 1 + 0.85 * (2 - 1).
        assert report["step_ms_p50"] == pytest.approx(1000.0)
        assert report["step_ms_p95"] == pytest.approx(1850.0)

    def test_a_skipped_step_costs_time_but_is_no_step(self, measure):
        report = measure([(1, 9.0), (1, 9.0), (1, 1.0), (0, 2.0), (1, 1.0)], warmup_steps=0)
        assert (report["steps"], report["measured_seconds"]) == (2, 4.0)
        assert report["images_per_sec"] == 2.0
        # Steps of 1 and of 2 + 1 s.
        assert report["step_ms_p50"] == pytest.approx(2000.0)
        assert report["last_step"] == 4

    @pytest.mark.parametrize("runs", [[], [(0, 1.0)] * 4])
    def test_an_older_report_is_kept_if_no_step_was_made(self, measure, path, runs):
        path.write_text('"older"')
        assert measure(runs) == "older"

    @pytest.mark.parametrize("advances", [[], [0, 0, 0]])
    def test_no_report_of_no_step(self, training, clock, path, advances):
        hook = ThroughputHook(training.step, clock, 4, writer(path))
        with training.session([hook]) as make_run:
            for advance in advances:
                make_run(advance)
        assert not path.exists()

    def test_pauses_are_left_out_but_told(self, training, clock, fake_time, path):
        hook = ThroughputHook(training.step, clock, 4, writer(path), warmup_steps=2)
        with training.session([hook]) as make_run:
            for _ in range(4):
                make_run(seconds=1.0)
                with clock.paused():
                    fake_time.advance(50.0)
        report = json.loads(path.read_text())
        assert report["images_per_sec"] == 4.0
        assert report["measured_seconds"] == 2.0
        assert report["paused_seconds"] == 200.0
        assert (report["left_out_steps"], report["left_out_seconds"]) == (2, 2.0)

    def test_warm_up_and_steps_count_from_the_step_restored(self, training_from, clock, path):
        training = training_from(1000)
        hook = ThroughputHook(training.step, clock, 4, writer(path), warmup_steps=3)
        with training.session([hook]) as make_run:
            for seconds in (90.0, 30.0, 5.0, 2.0, 2.0):
                make_run(seconds=seconds)
        report = json.loads(path.read_text())
        assert (report["first_step"], report["last_step"]) == (1000, 1005)
        assert (report["steps"], report["warmup_steps"]) == (2, 3)
        assert (report["left_out_steps"], report["left_out_seconds"]) == (3, 125.0)
        assert report["images_per_sec"] == 2.0


class TestWindow:
    def run(self, training, clock, path, runs, **options):
        hook = ThroughputHook(training.step, clock, 4, writer(path), **options)
        rates = [hook.window_images_per_sec]
        with training.session([hook]) as make_run:
            for advance, seconds in runs:
                make_run(advance, seconds)
                rates.append(hook.window_images_per_sec)
        return rates

    def test_rate_is_of_the_last_full_window(self, training, clock, path):
        runs = [(1, each) for each in (9.0, 9.0, 1.0, 3.0, 1.0, 1.0, 8.0)]
        rates = self.run(training, clock, path, runs, every_steps=2)
        # Before the first window is full, its only step: 1 s. Then (1 + 3) s, then (1 + 1) s.
        assert rates == [None, None, None, 4.0, 2.0, 2.0, 4.0, 4.0]

    def test_a_skipped_step_alone_has_no_rate(self, training, clock, path):
        runs = [(1, 9.0), (1, 9.0), (0, 1.0), (1, 1.0)]
        rates = self.run(training, clock, path, runs, every_steps=10)
        assert rates == [None, None, None, None, 2.0]

    @pytest.mark.parametrize(
        ("advance", "seconds", "expected"),
        [
            # Windows of two steps from step 2 on: 2 + 2 s, 1 + 1 s.
            (1, [9.0, 9.0, 2.0, 2.0, 1.0, 1.0, 5.0], [(4, 2.0), (6, 4.0)]),
            # Each run of ten steps is more than a window.
            (10, [9.0, 9.0, 20.0, 10.0], [(30, 2.0), (40, 4.0)]),
        ],
    )
    def test_scalars_are_in_the_event_file(
        self, training, clock, path, tmp_path, read_events, advance, seconds, expected
    ):
        runs = [(advance, each) for each in seconds]
        folder = str(tmp_path / "summaries")
        self.run(training, clock, path, runs, every_steps=2, summary_dir=folder)
        events = read_events(folder)
        assert {value.tag for _, value in events} == {"images_per_sec"}
        assert [(step, value.simple_value) for step, value in events] == expected

    def test_no_event_file_without_a_folder(self, training, clock, path, tmp_path):
        self.run(training, clock, path, [(10, 1.0)] * 4, every_steps=2)
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
