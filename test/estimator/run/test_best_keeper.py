"""What is kept when scores come in, and what a kill at any moment leaves of it."""

import contextlib
import errno
import math
import os

import pytest
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.run.best import BestKeeper, read_best, settle_best


@pytest.fixture
def save(tmp_path):
    """Saves a checkpoint whose variable has a value, as TensorFlow does."""

    def saved(step, value):
        with tf.Graph().as_default(), tf.Session() as session:
            variable = tf.get_variable("value", [], use_resource=True)
            session.run(variable.assign(float(value)))
            tf.train.Saver().save(session, str(tmp_path / "model.ckpt"), global_step=step)
        (tmp_path / "options.json").write_text("{}")

    return saved


@pytest.fixture
def offer(tmp_path, save):
    """Has a checkpoint scored, by a process of its own each time."""

    def offered(step, score, by="psnr", value=None):
        save(step, score if value is None else value)
        scores = {"l1": score, "psnr": score, "ssim": score}
        return BestKeeper(str(tmp_path), by).offer(step, scores)

    return offered


def held(folder):
    """The step of the best, and the value that its checkpoint has by TensorFlow's own reading."""
    best = read_best(str(folder))
    path = str(folder / "best" / best.checkpoint)
    return best.step, best.scores[best.by], float(tf.train.load_variable(path, "value"))


class TestComparison:
    @pytest.mark.parametrize(
        ("by", "scores", "best"),
        [
            ("psnr", [3.0, 5.0, 4.0], 2),
            ("ssim", [3.0, 5.0, 5.0], 2),
            ("l1", [3.0, 1.0, 2.0], 2),
            ("psnr", [math.nan, 3.0, math.nan], 2),
            ("l1", [math.nan, 3.0, math.nan], 2),
            ("psnr", [3.0, math.inf, 7.0], 2),
        ],
    )
    def test_the_best_is_kept(self, offer, tmp_path, by, scores, best):
        for step, score in enumerate(scores, start=1):
            offer(step, score, by)
        assert held(tmp_path) == (best, scores[best - 1], scores[best - 1])

    def test_scores_that_are_no_numbers_keep_nothing(self, offer, tmp_path):
        assert offer(1, math.nan) is None
        assert not (tmp_path / "best").exists()

    def test_another_score_is_compared_with_that_of_the_same_checkpoint(self, tmp_path, save):
        offers = [(1, 0.5, 10.0, "psnr"), (2, 0.6, 9.0, "l1"), (3, 0.4, 1.0, "l1")]
        for step, l1, psnr, by in offers:
            save(step, step)
            BestKeeper(str(tmp_path), by).offer(step, {"l1": l1, "psnr": psnr, "ssim": 0.0})
        assert held(tmp_path) == (3, 0.4, 3.0)

    def test_what_was_scored_is_known_to_the_next_process(self, offer, tmp_path):
        assert not BestKeeper(str(tmp_path), "psnr").is_scored(1)
        offer(1, 5.0)
        offer(2, 4.0)
        keeper = BestKeeper(str(tmp_path), "psnr")
        assert [keeper.is_scored(step) for step in (1, 2, 3)] == [True, True, False]


class Killed(BaseException):
    """What no clean-up may count on."""


def kill_at(monkeypatch, name, number):
    """Has the n-th call of a function of `os` end the process, as far as a test can."""
    genuine, calls = getattr(os, name), []

    def call(*arguments):
        calls.append(arguments)
        if len(calls) >= number:
            raise Killed
        return genuine(*arguments)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("step", [2, 1], ids=["another step", "the same step again"])
@pytest.mark.parametrize("name", ["replace", "remove"])
@pytest.mark.parametrize("number", range(1, 12))
def test_a_kill_leaves_the_old_one_or_the_new_one_whole(
    offer, save, tmp_path, monkeypatch, step, name, number
):
    offer(1, 5.0)
    save(step, 7.0)
    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        kill_at(patch, name, number)
        BestKeeper(str(tmp_path), "psnr").offer(step, {"psnr": 7.0})
    old, new = (1, 5.0, 5.0), (step, 7.0, 7.0)
    found = held(tmp_path)
    assert found in (old, new)
    listed = tf.train.latest_checkpoint(str(tmp_path / "best"))
    assert float(tf.train.load_variable(listed, "value")) in (5.0, 7.0)

    settle_best(str(tmp_path), is_wanted=True)
    assert held(tmp_path) == found
    listed = tf.train.latest_checkpoint(str(tmp_path / "best"))
    assert float(tf.train.load_variable(listed, "value")) == found[2]
    checkpoints = [path.name for path in (tmp_path / "best").glob("*.index")]
    assert checkpoints == [read_best(str(tmp_path)).checkpoint + ".index"]


def test_a_kill_before_the_first_is_kept_leaves_none(offer, save, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        save(1, 5.0)
        kill_at(patch, "replace", 3)
        with pytest.raises(Killed):
            BestKeeper(str(tmp_path), "psnr").offer(1, {"psnr": 5.0})
    assert read_best(str(tmp_path)) is None
    assert list((tmp_path / "best").glob("model.ckpt-*"))
    settle_best(str(tmp_path), is_wanted=False)  # They may be a user's.
    assert list((tmp_path / "best").glob("model.ckpt-*"))
    settle_best(str(tmp_path), is_wanted=True)
    assert not list((tmp_path / "best").glob("model.ckpt-*"))


def test_a_full_disk_gives_back_what_was_taken(offer, save, tmp_path, monkeypatch):
    offer(1, 5.0)
    save(2, 7.0)
    genuine, copied = os.replace, []

    def replace(source, target):
        copied.append(target)
        if len(copied) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        genuine(source, target)

    before = sorted(path.name for path in (tmp_path / "best").iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(OSError, match="No space"):
            BestKeeper(str(tmp_path), "psnr").offer(2, {"psnr": 7.0})
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == before
    assert held(tmp_path) == (1, 5.0, 5.0)


def test_a_checkpoint_that_is_not_there_is_not_kept(offer, tmp_path):
    offer(1, 5.0)
    with pytest.raises(FileNotFoundError):
        BestKeeper(str(tmp_path), "psnr").offer(2, {"psnr": 7.0})
    assert held(tmp_path) == (1, 5.0, 5.0)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"step": 1}', '{"step": 1, "by": "x"}'])
def test_a_record_that_says_nothing_is_named(tmp_path, content):
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "best.json").write_text(content)
    with pytest.raises(OptionsError, match=r"best\.json: cannot be read") as error:
        read_best(str(tmp_path))
    assert "\n" not in str(error.value)
    settle_best(str(tmp_path), is_wanted=False)
    with pytest.raises(OptionsError):
        settle_best(str(tmp_path), is_wanted=True)


def test_a_record_whose_checkpoint_is_gone_is_none(offer, tmp_path):
    offer(1, 5.0)
    (tmp_path / "best" / "model.ckpt-1.index").unlink()
    assert read_best(str(tmp_path)) is None
