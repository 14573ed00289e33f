"""TensorFlow's errors in the middle of a run: which are told how."""

import contextlib
import subprocess

import pytest
import tensorflow.compat.v1 as tf

from estimator.errors import MachineError, RunError
from estimator.run.failures import explained
from input_fn import DataError, PairFormat, list_pairs

PAIR_FORMAT = PairFormat("AtoB", 3, 3, load_size=(72, 72), fine_size=(64, 64))
FROM_PIPELINE = "gone\n\t [[node IteratorGetNext (defined at somewhere)]]"


@pytest.fixture
def pairs(data):
    return list_pairs(str(data / "train"))


class Unread:
    """Pairs that must not be looked at."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked for")


def test_errors_that_no_file_explains_are_not_hidden(pairs):
    with pytest.raises(tf.errors.AbortedError), explained([pairs], PAIR_FORMAT):
        raise tf.errors.AbortedError(None, None, "lost a worker")


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.InvalidArgumentError(None, None, "shapes differ\n [[node generator/MatMul]]"),
        tf.errors.UnknownError(None, None, "cannot write model.ckpt-3\n [[node save/SaveV2]]"),
    ],
)
def test_no_file_is_read_for_an_error_of_the_network_or_of_saving(error):
    with pytest.raises(type(error)), explained([Unread()], PAIR_FORMAT):
        raise error


def test_a_file_that_is_missing_by_now_is_named(data, tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / "a" / name).write_bytes((data / "train" / "1.jpg").read_bytes())
    pairs = list_pairs(str(tmp_path / "a"))
    (tmp_path / "a" / "2.jpg").unlink()
    with pytest.raises(DataError, match=r"2\.jpg"), explained([pairs], PAIR_FORMAT):
        raise tf.errors.NotFoundError(None, None, FROM_PIPELINE)


def test_exhausted_memory_is_said_with_what_would_help():
    with pytest.raises(RunError, match="--batch_size") as error, explained([], PAIR_FORMAT):
        raise tf.errors.ResourceExhaustedError(
            None, None, "OOM when allocating\n/workspace/x.py, quota"
        )
    assert "\n" not in str(error.value)


def test_a_full_disk_is_not_taken_for_exhausted_memory():
    with pytest.raises(MachineError, match="the disk is full") as error, explained([], PAIR_FORMAT):
        raise tf.errors.ResourceExhaustedError(None, None, "x.data; No space left on device\nmore")
    assert "\n" not in str(error.value)


def test_a_broken_connection_is_told():
    with pytest.raises(MachineError, match="a connection broke"), explained([], PAIR_FORMAT):
        raise tf.errors.UnavailableError(None, None, "Socket closed\nmore")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    with contextlib.suppress(OSError):
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            yield folder
            subprocess.run(["umount", "-l", str(folder)], check=True)
            return
    pytest.skip("a small disk can only be mounted by root")


def test_a_disk_that_fills_up_ends_training_with_1_and_the_same_command_goes_on(
    train, data, small_disk, tmp_path
):
    flags = [f"--data_path={data}", "--max_steps=40", "--save_checkpoints_steps=4"]
    process = train(*flags, f"--checkpoint_dir={small_disk / 'run'}")
    assert process.returncode == 1, process.stderr
    assert process.stderr.startswith("error: the disk is full")
    assert "resumes from the last checkpoint" in process.stderr
    assert process.stderr.count("\n") == 1
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    process = train(*flags, f"--checkpoint_dir={small_disk / 'run'}")
    assert process.returncode == 0, process.stderr
    assert "resuming" in process.stdout
