import re
import shutil

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
        assert re.search(r"train: 2 of 5 are left out: \S+train/3\.jpg: ", process.stdout)
        assert "reads 3 files" in process.stdout


class TestDuringTraining:
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
