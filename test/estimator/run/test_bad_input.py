import os
import re
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image


@pytest.fixture
def damaged(data, tmp_path):
    """A copy of the data set to be damaged."""
    shutil.copytree(str(data), str(tmp_path / "data"))
    return tmp_path / "data"


def half_missing(path):
    with Image.open(str(path)) as picture:
        picture.crop((0, 0, 256, 256)).save(str(path))


def truncated(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def odd_width(path):
    with Image.open(str(path)) as picture:
        picture.crop((0, 0, 511, 256)).save(str(path))


def text(path):
    path.write_text("not a picture")


def mislabelled(path):
    with Image.open(str(path)) as picture:
        picture.save(str(path), "PNG")


def spoilt(path):
    """Breaks what is coded; headers and the end stay whole."""
    content = bytearray(path.read_bytes())
    start_of_scan = content.index(b"\xff\xda")
    content[start_of_scan + 2 : start_of_scan + 4] = b"\x00\x02"
    path.write_bytes(bytes(content))


@pytest.mark.any_runtime
class TestBeforeTraining:
    def refused(self, process, run):
        assert process.returncode == 2
        assert process.stderr.startswith("error: ")
        assert process.stderr.count("\n") == 1
        assert not run.exists()

    @pytest.mark.parametrize(
        "damage", [half_missing, truncated, odd_width, text, mislabelled, spoilt]
    )
    @pytest.mark.parametrize("name", ["train/3.jpg", "val/1.jpg"])
    def test_a_bad_file_is_named_and_nothing_is_written(
        self, train, damaged, tmp_path, damage, name
    ):
        damage(damaged / name)
        process = train(f"--data_path={damaged}", f"--checkpoint_dir={tmp_path / 'run'}")
        self.refused(process, tmp_path / "run")
        assert name in process.stderr

    @pytest.mark.parametrize(
        ("flag", "named"),
        [
            ("--data_path=/nowhere", "/nowhere"),
            ("--fine_size=100", "--fine_size"),
            ("--device=gpu", "--device gpu"),
            ("--autotune", "--autotune"),
        ],
    )
    def test_a_flag_that_cannot_work_is_named(self, train, data, tmp_path, flag, named):
        if flag == "--device=gpu" and tf.test.is_gpu_available():
            pytest.skip("there is a GPU")
        process = train(f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", flag)
        self.refused(process, tmp_path / "run")
        assert named in process.stderr

    def test_an_empty_folder_is_named(self, train, tmp_path):
        (tmp_path / "data" / "train").mkdir(parents=True)
        process = train(f"--data_path={tmp_path / 'data'}", f"--checkpoint_dir={tmp_path / 'run'}")
        self.refused(process, tmp_path / "run")
        assert str(tmp_path / "data" / "train") in process.stderr


@pytest.mark.any_runtime
class TestManyBadFiles:
    def test_each_is_named_up_to_a_number_and_then_what_lists_the_rest(
        self, train, damaged, tmp_path
    ):
        for number in range(100, 130):
            (damaged / "train" / f"{number}.jpg").write_bytes(b"")
        process = train(f"--data_path={damaged}", f"--checkpoint_dir={tmp_path / 'run'}")
        assert process.returncode == 2
        first, *others, last = process.stderr.splitlines()
        assert "train/100.jpg: is empty" in first
        assert "(29 more of the 35 files are bad)" in first
        found = [re.match(r"error: \S+train/(\d+)\.jpg: is empty", line) for line in others]
        assert [int(match.group(1)) for match in found] == list(range(101, 111))
        assert last.startswith("error: 19 more are bad; `python input_fn/prepare.py check")

    def test_what_could_be_read_for_ever_is_named_as_well(self, train, damaged, tmp_path):
        os.mkfifo(str(damaged / "train" / "100.jpg"))
        os.symlink("/dev/zero", str(damaged / "train" / "101.jpg"))
        os.symlink("/nowhere", str(damaged / "train" / "102.jpg"))
        with open(str(damaged / "train" / "103.npy"), "wb") as file:
            np.savez(file, a=np.zeros((4, 8, 3)))
        process = train(f"--data_path={damaged}", f"--checkpoint_dir={tmp_path / 'run'}")
        assert process.returncode == 2
        lines = process.stderr.splitlines()
        for line, name, reason in zip(
            lines,
            ("100.jpg", "101.jpg", "102.jpg", "103.npy"),
            ("is a pipe or a device", "is a pipe or a device", "cannot be read", "is an archive"),
        ):
            assert f"train/{name}: {reason}" in line
        assert len(lines) == 4

    def test_a_name_that_is_no_utf8_is_named(self, train, damaged, tmp_path):
        with open(os.fsencode(str(damaged / "train")) + b"/a\xff.jpg", "wb"):
            pass
        process = train(f"--data_path={damaged}", f"--checkpoint_dir={tmp_path / 'run'}")
        assert process.returncode == 2
        assert process.stderr == (
            f"error: {damaged / 'train'}/a\\xff.jpg: the name is no UTF-8; rename or remove the "
            "file\n"
        )

    def test_nor_may_a_flag_be(self, train, tmp_path):
        process = train(f"--checkpoint_dir={tmp_path / 'run'}", "--data_path=/a\udcff")
        assert process.returncode == 2
        assert process.stderr == (
            "error: --data_path=/a\\xff: is no UTF-8; rename the file or folder\n"
        )


class TestSkipping:
    def test_training_goes_on_with_the_rest_and_says_what_is_left_out(
        self, train, damaged, tmp_path
    ):
        truncated(damaged / "train" / "3.jpg")
        text(damaged / "train" / "5.jpg")
        process = train(
            f"--data_path={damaged}",
            f"--checkpoint_dir={tmp_path / 'run'}",
            "--max_steps=2",
            "--skip_bad",
        )
        assert process.returncode == 0, process.stderr
        assert re.search(
            r"train: 2 of 5 are left out:\n    \S+train/3\.jpg: .*\n    \S+train/5\.jpg: ",
            process.stdout,
        )
        assert "reads 3 files" in process.stdout


class TestDuringTraining:
    def test_a_loss_scale_at_which_no_step_can_be_made_ends_it(self, train, data, tmp_path):
        process = train(
            f"--data_path={data}",
            f"--checkpoint_dir={tmp_path / 'run'}",
            "--max_steps=1000",
            "--loss_scale=1e38",
        )
        assert process.returncode == 1
        assert re.fullmatch(
            r"error: the gradients of the \w+ have overflowed 50 times in a row at the loss scale "
            r"1e\+38; use a smaller --loss_scale, or dynamic\n",
            process.stderr,
        )

    def test_no_checkpoint_is_saved_that_is_not_finite(self, train, data, tmp_path):
        run = tmp_path / "run"
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--eval_steps=0"]
        flags += ["--save_checkpoints_steps=1"]
        assert train(*flags, "--max_steps=1").returncode == 0
        process = train(*flags, "--max_steps=30", "--learning_rate=1e30")
        assert process.returncode == 1
        assert process.stderr.startswith("error: ")
        assert process.stderr.count("\n") == 1
        checkpoints = {path.stem for path in run.glob("*.index")}
        assert "model.ckpt-1" in checkpoints
        for path in (str(run / name) for name in checkpoints):
            reader = tf.train.load_checkpoint(path)
            for name in reader.get_variable_to_shape_map():
                assert np.isfinite(reader.get_tensor(name)).all(), (path, name)

    def test_a_loss_that_is_not_finite_stops_training_with_one_line(self, train, data, tmp_path):
        process = train(
            f"--data_path={data}",
            f"--checkpoint_dir={tmp_path / 'run'}",
            "--max_steps=30",
            "--learning_rate=1e30",
        )
        assert process.returncode == 1
        assert process.stderr.count("\n") == 1
        assert "--learning_rate" in process.stderr
