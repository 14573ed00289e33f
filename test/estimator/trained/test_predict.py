import io
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.predict import main

PREDICT = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "predict.py"


@pytest.fixture(scope="module")
def photos(data, tmp_path_factory):
    """Seven single pictures, of the net's size and of others."""
    folder = tmp_path_factory.mktemp("photos")
    sizes = [(64, 64), (64, 64), (100, 50), (50, 100), (31, 17), (256, 256), (64, 64)]
    with Image.open(str(data / "train" / "1.jpg")) as pair:
        for number, size in enumerate(sizes):
            box = (256 + 10 * number, 0, 512, 256)
            pair.crop(box).resize(size, Image.BILINEAR).save(str(folder / f"{number}.png"))
    return folder


def pixels(path):
    with Image.open(str(path)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture).astype(int)


def predicted(run, source, target, *flags):
    model = f"--checkpoint_dir={run}"
    return main([f"--input={source}", f"--output={target}", model, *flags])


class TestFolder:
    def test_every_picture_is_translated_under_its_own_name(
        self, finished, photos, tmp_path, capsys
    ):
        assert predicted(finished[0], photos, tmp_path / "out") == 0
        names = sorted(path.name for path in (tmp_path / "out").iterdir())
        assert names == [f"{number}.png" for number in range(7)]
        assert all(pixels(path).shape == (64, 64, 3) for path in (tmp_path / "out").iterdir())
        assert f"7 of 7 pictures: {tmp_path / 'out'}" in capsys.readouterr().out

    @pytest.mark.parametrize("fit", ["resize", "pad"])
    def test_sizes_can_be_kept(self, finished, photos, tmp_path, fit):
        predicted(finished[0], photos, tmp_path, "--keep_size", f"--fit={fit}")
        for path in photos.iterdir():
            assert pixels(tmp_path / path.name).shape == pixels(path).shape

    @pytest.mark.parametrize("batch_size", [2, 4, 100])
    def test_the_result_does_not_depend_on_the_batch(self, finished, photos, tmp_path, batch_size):
        predicted(finished[0], photos, tmp_path / "one")
        predicted(finished[0], photos, tmp_path / "many", f"--batch_size={batch_size}")
        for number in range(7):
            one, many = (pixels(tmp_path / each / f"{number}.png") for each in ("one", "many"))
            # Sums in another order may round the other way, by one level of 255.
            assert np.abs(one - many).max() <= 1

    def test_the_results_are_those_of_the_test_phase(self, train, finished, data, tmp_path):
        run = tmp_path / "run"
        shutil.copytree(str(finished[0]), str(run))
        assert (
            train(f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test").returncode == 0
        )
        predicted(run, run / "outputs" / "inputs", tmp_path / "out")
        for name in ("1.png", "2.png"):
            # The inputs were rounded to 8 bits when they were written.
            difference = np.abs(pixels(tmp_path / "out" / name) - pixels(run / "outputs" / name))
            assert difference.mean() < 1


class TestModels:
    def test_a_frozen_graph_needs_no_checkpoint(self, finished, photos, tmp_path):
        graph = finished[0] / "frozen" / "model-6.pb"
        places = [f"--input={photos}", f"--output={tmp_path / 'pb'}"]
        assert main([*places, f"--graph={graph}", "--batch_size=3"]) == 0
        # Frozen in training, with dropout off.
        predicted(finished[0], photos, tmp_path / "run", "--test_dropout=false")
        for number in range(7):
            one, other = (pixels(tmp_path / each / f"{number}.png") for each in ("pb", "run"))
            assert np.abs(one - other).max() <= 1

    def test_another_size_that_the_network_takes(self, finished, photos, tmp_path):
        predicted(finished[0], photos / "0.png", tmp_path, "--image_size=64x192")
        assert pixels(tmp_path / "0.png").shape == (64, 192, 3)

    def test_another_seed_draws_other_dropout(self, finished, photos, tmp_path):
        for seed in (0, 1):
            predicted(finished[0], photos / "0.png", tmp_path / str(seed), f"--seed={seed}")
        assert (pixels(tmp_path / "0" / "0.png") != pixels(tmp_path / "1" / "0.png")).any()


class TestPipe:
    def test_a_picture_goes_in_and_a_png_comes_out(self, finished, photos, tmp_path):
        flags = ["--input=-", "--output=-", f"--checkpoint_dir={finished[0]}"]
        process = subprocess.run(
            [sys.executable, str(PREDICT), *flags],
            input=(photos / "5.png").read_bytes(),
            capture_output=True,
            cwd=str(tmp_path),
            check=True,
        )
        assert process.stderr == b""
        predicted(finished[0], photos / "5.png", tmp_path / "out.png")
        np.testing.assert_array_equal(pixels(tmp_path / "out.png"), pixels_of_bytes(process.stdout))


def pixels_of_bytes(content):
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture).astype(int)


class TestBadInput:
    @pytest.mark.parametrize("batch_size", [1, 3, 10])
    def test_an_unreadable_picture_is_named_and_the_rest_are_done(
        self, finished, photos, tmp_path, capsys, batch_size
    ):
        shutil.copytree(str(photos), str(tmp_path / "in"))
        (tmp_path / "in" / "3.png").write_text("not a picture")
        (tmp_path / "in" / "6.png").write_bytes(b"")
        out = tmp_path / "out"
        assert predicted(finished[0], tmp_path / "in", out, f"--batch_size={batch_size}") == 1
        assert sorted(path.name for path in out.iterdir()) == [f"{n}.png" for n in (0, 1, 2, 4, 5)]
        said = capsys.readouterr()
        assert [line.split(": ")[1] for line in said.err.splitlines()] == [
            str(tmp_path / "in" / "3.png"),
            str(tmp_path / "in" / "6.png"),
        ]
        assert "5 of 7 pictures" in said.out

    def test_what_is_no_file_is_named_and_an_odd_name_kept(
        self, finished, photos, tmp_path, capsys
    ):
        folder = tmp_path / "in"
        folder.mkdir()
        shutil.copy(str(photos / "0.png"), str(folder))
        os.rename(str(folder / "0.png"), os.fsencode(str(folder)) + b"/a\xff.png")
        os.mkfifo(str(folder / "pipe.png"))
        os.symlink("/dev/zero", str(folder / "endless.jpg"))
        os.symlink("/nowhere", str(folder / "dangling.jpg"))
        with open(str(folder / "several.npy"), "wb") as file:
            np.savez(file, a=np.zeros((4, 8, 3)))
        assert predicted(finished[0], folder, tmp_path / "out") == 1
        lines = capsys.readouterr().err.splitlines()
        reasons = {
            "dangling.jpg": "cannot be read",
            "endless.jpg": "is a pipe or a device",
            "pipe.png": "is a pipe or a device",
            "several.npy": "cannot be read as a picture",
        }
        assert len(lines) == len(reasons)
        for line, (name, reason) in zip(lines, reasons.items()):
            assert line.startswith(f"error: {folder / name}: {reason}")
        assert os.listdir(os.fsencode(str(tmp_path / "out"))) == [b"a\xff.png"]

    def test_a_folder_without_a_run_is_named(self, photos, tmp_path, refuses):
        refuses(predicted(tmp_path, photos, tmp_path / "o"), str(tmp_path))
        assert not (tmp_path / "o").exists()

    @pytest.mark.parametrize("name", ["a.jpg", "a.TIFF", "new/a.npy"])
    def test_a_file_of_another_format_is_no_place_for_results(
        self, finished, photos, tmp_path, refuses, name
    ):
        code = predicted(finished[0], photos / "0.png", tmp_path / name)
        refuses(code, f"--output {tmp_path / name}", ".png file or a folder")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_may_have_the_name_of_a_picture(self, finished, photos, tmp_path):
        (tmp_path / "a.jpg").mkdir()
        assert predicted(finished[0], photos / "0.png", tmp_path / "a.jpg") == 0
        assert (tmp_path / "a.jpg" / "0.png").exists()

    def test_results_never_overwrite_the_pictures(self, finished, photos, tmp_path, refuses):
        shutil.copytree(str(photos), str(tmp_path / "in"))
        code = predicted(finished[0], tmp_path / "in", tmp_path / "in")
        refuses(code, "--output", "0.png")

    def test_the_standard_output_takes_one_picture(self, finished, photos, refuses):
        refuses(predicted(finished[0], photos, "-"), "--output -")

    def test_a_size_that_the_network_does_not_take(self, finished, photos, tmp_path, refuses):
        code = predicted(finished[0], photos, tmp_path / "o", "--image_size=128")
        # At 128x128 the network would be one layer deeper.
        refuses(code, "--image_size 128x128", "64x128 works")

    @pytest.mark.parametrize("flag", ["--image_size=64", "--test_dropout", "--seed=1"])
    def test_what_is_baked_into_a_graph_cannot_be_changed(
        self, finished, photos, tmp_path, refuses, flag
    ):
        graph = f"--graph={finished[0] / 'frozen' / 'model-6.pb'}"
        code = main([f"--input={photos}", f"--output={tmp_path}", graph, flag])
        refuses(code, flag.split("=", maxsplit=1)[0], "baked")

    @pytest.mark.parametrize("flag", ["--graph", "--saved_model"])
    def test_a_model_that_is_missing_is_named(self, photos, tmp_path, refuses, flag):
        code = main([f"--input={photos}", f"--output={tmp_path}", f"{flag}=/nowhere"])
        refuses(code, f"{flag} /nowhere")

    def test_another_programs_graph_is_refused(self, photos, tmp_path, refuses):
        with tf.Graph().as_default() as graph:
            tf.placeholder(tf.float32, [1], name="x")
        (tmp_path / "x.pb").write_bytes(graph.as_graph_def().SerializeToString())
        code = main([f"--input={photos}", f"--output={tmp_path}", f"--graph={tmp_path / 'x.pb'}"])
        refuses(code, "x.pb", "input:0")

    def test_what_no_png_holds_is_not_written_to_the_standard_output(
        self, photos, tmp_path, refuses
    ):
        with tf.Graph().as_default() as graph:
            taken = tf.placeholder(tf.float32, [1, 64, 64, 1], name="input")
            tf.concat([taken, taken], axis=-1, name="output")
        (tmp_path / "x.pb").write_bytes(graph.as_graph_def().SerializeToString())
        photo = sorted(photos.iterdir())[0]
        code = main([f"--input={photo}", "--output=-", f"--graph={tmp_path / 'x.pb'}"])
        refuses(code, "--output -", "2 channels")

    def test_a_model_must_be_named(self, photos, tmp_path, refuses):
        code = main([f"--input={photos}", f"--output={tmp_path}"])
        refuses(code, "--checkpoint_dir", "--graph", "--saved_model")


class TestSessions:
    def test_a_program_closes_all_that_it_opens(self, finished, photos, tmp_path, monkeypatch):
        opened, closed = [], []

        class Session(tf.Session):
            def __init__(self, *arguments, **keywords):
                opened.append(id(self))
                super().__init__(*arguments, **keywords)

            def close(self):
                closed.append(id(self))
                super().close()

        monkeypatch.setattr(tf, "Session", Session)
        assert predicted(finished[0], photos, tmp_path / "out") == 0
        assert opened
        assert sorted(set(closed)) == sorted(set(opened))
