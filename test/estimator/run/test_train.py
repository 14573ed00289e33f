import glob
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FREEZE_READER = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf
graph_def = tf.GraphDef()
with open(sys.argv[1], "rb") as file:
    graph_def.ParseFromString(file.read())
with tf.Graph().as_default() as graph, tf.Session() as session:
    tf.import_graph_def(graph_def, name="")
    np.save(sys.argv[3], session.run("output:0", {"input:0": np.load(sys.argv[2])}))
"""


def test_it_finds_its_packages_by_itself_from_whatever_folder(train_command, tmp_path):
    process = subprocess.run(
        [*train_command, "--data_path=nowhere"],
        capture_output=True,
        text=True,
        check=False,
        cwd=str(tmp_path),
        env={name: os.environ[name] for name in os.environ if name != "PYTHONPATH"},
    )
    assert process.returncode == 2
    assert process.stderr == "error: nowhere: does not exist; name the folder of the data set\n"


def events_of(folder):
    for path in sorted(glob.glob(f"{folder}/events.*")):
        yield from tf.train.summary_iterator(path)


def values_of(folder):
    return [(event.step, value) for event in events_of(folder) for value in event.summary.value]


class TestConsole:
    def test_every_rank_says_what_it_reads(self, finished):
        assert "rank 0 of 1 reads 5 files" in finished[1].stdout

    def test_the_device_and_why_it_was_chosen_are_said(self, finished):
        assert re.search(r"^device: (cpu|gpu) \(.+\)", finished[1].stdout)

    def test_lines_have_epoch_step_losses_rate_and_time_left(self, finished):
        # The form up to g_loss is that of ModelZoo's Pix2Pix_ID0359.
        pattern = (
            r"Epoch: \[ 2\] \[   1/   5\] time: \d+\.\d{4}, "
            r"d_loss: \d+\.\d{8}, g_loss: \d+\.\d{8}\n"
            r"    g_gan: \d+\.\d{8}, g_l1: \d+\.\d{8}, "
            r"step: 6/6, images/sec: [\d.]+, left: 0:00:00\n"
        )
        assert re.search(pattern, finished[1].stdout)

    def test_lines_of_training_fit_into_100_columns(self, finished):
        lines = finished[1].stdout.splitlines()
        progress = [line for line in lines if line.startswith(("Epoch", "    ", "val:"))]
        assert len(progress) > 4
        assert max(map(len, progress)) <= 100

    def test_validation_is_scored_at_every_checkpoint_and_only_there(self, finished):
        scored = re.findall(r"^val: step (\d+), l1: ", finished[1].stdout, re.MULTILINE)
        assert scored == ["3", "6"]

    def test_nothing_else_is_said(self, finished):
        assert finished[1].stderr == ""


class TestResults:
    def test_checkpoints_are_written_every_so_many_steps_and_at_the_end(self, finished):
        for step in (3, 6):
            assert (finished[0] / f"model.ckpt-{step}.index").exists()

    def test_frozen_graphs_are_written_every_so_many_steps_and_at_the_end(self, finished):
        names = sorted(path.name for path in (finished[0] / "frozen").iterdir())
        assert names == ["model-4.json", "model-4.pb", "model-6.json", "model-6.pb"]

    def test_the_throughput_report_counts_images_per_wall_time(self, finished):
        report = json.loads((finished[0] / "throughput.json").read_text())
        assert report["global_batch_size"] == 1
        assert report["steps"] == 6 - 2  # The first two runs compile.
        assert report["images_per_sec"] == pytest.approx(
            report["steps"] / report["measured_seconds"]
        )
        assert report["images_per_sec_median"] == pytest.approx(1000 / report["step_ms_p50"])
        assert report["step_ms_p50"] <= report["step_ms_p95"]

    def test_the_options_are_kept(self, finished):
        stored = json.loads((finished[0] / "options.json").read_text())
        assert (stored["ngf"], stored["which_direction"], stored["seed"]) == (4, "BtoA", 0)

    def test_no_temporary_file_is_left(self, finished):
        assert not [path for path in finished[0].rglob("*") if "partial" in path.name]


class TestTensorBoard:
    @pytest.mark.parametrize(
        "tag",
        [
            "discriminator/real",
            "discriminator/fake",
            "generator/gan",
            "generator/l1",
            "learning_rate",
            "images_per_sec",
        ],
    )
    def test_scalars_are_there_and_finite(self, finished, tag):
        values = [value.simple_value for _, value in values_of(finished[0]) if value.tag == tag]
        assert values
        assert np.isfinite(values).all()

    @pytest.fixture(scope="class")
    def shown(self, finished):
        """What TensorBoard shows, which drops what comes before a second start of a session."""
        shown = EventAccumulator(str(finished[0]))
        shown.Reload()
        return shown

    @pytest.mark.parametrize("tag", ["discriminator/real", "generator/l1", "learning_rate"])
    def test_it_shows_every_scalar_from_the_first_step_on(self, shown, tag):
        assert [event.step for event in shown.Scalars(tag)] == [1, 3, 5]

    def test_it_shows_pictures_of_training_from_the_first_step_on(self, shown):
        (tag,) = shown.Tags()["images"]
        assert [event.step for event in shown.Images(tag)] == [1, 6]

    @pytest.mark.parametrize("tag", ["l1", "psnr", "ssim"])
    def test_the_scores_of_validation_have_a_page_of_their_own(self, finished, tag):
        steps = [step for step, value in values_of(finished[0] / "eval") if value.tag == tag]
        assert steps == [3, 6]

    @pytest.mark.parametrize(("folder", "tag"), [(".", "train/"), ("eval", "val/")])
    def test_rows_of_input_output_and_target_are_shown(self, finished, folder, tag):
        rows = [
            value.image
            for _, value in values_of(finished[0] / folder)
            if value.tag.startswith(tag) and value.HasField("image")
        ]
        assert rows
        with Image.open(io.BytesIO(rows[0].encoded_image_string)) as picture:
            assert picture.size == (3 * 64, 64)

    def test_the_graph_is_there(self, finished):
        assert any(event.graph_def for event in events_of(finished[0]))


class TestFrozenGraph:
    @pytest.fixture(scope="class")
    def images(self):
        return np.random.RandomState(3).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)

    def test_a_fresh_process_without_our_code_gives_what_the_checkpoint_gives(
        self, finished, images, tmp_path
    ):
        np.save(str(tmp_path / "images.npy"), images)
        paths = [finished[0] / "frozen" / "model-6.pb", tmp_path / "images.npy", tmp_path / "o.npy"]
        subprocess.run(
            [sys.executable, "-c", FREEZE_READER, *map(str, paths)], cwd=str(tmp_path), check=True
        )
        expected = self.prediction_of_checkpoint(finished[0] / "model.ckpt-6", images)
        np.testing.assert_allclose(np.load(str(paths[2])), expected, atol=1e-5)
        assert np.ptp(expected) > 1e-3  # Not a constant, which anything would match.

    def prediction_of_checkpoint(self, path, images):
        from model_fn import NetworkConfig, ObjectiveConfig
        from model_fn.inference import predict

        network = NetworkConfig(64, 64, generator_filters=4, discriminator_filters=4)
        with tf.Graph().as_default(), tf.Session() as session:
            output = predict(tf.constant(images), network, ObjectiveConfig(test_dropout=False))
            tf.train.Saver().restore(session, str(path))
            return session.run(output)

    def test_the_note_says_what_is_baked_in(self, finished):
        note = json.loads((finished[0] / "frozen" / "model-6.json").read_text())
        assert note["input"] == {"name": "input:0", "shape": [1, 64, 64, 3], "dtype": "float32"}
        assert note["output"]["name"] == "output:0"
        assert note["step"] == 6
        assert note["direction"] == "BtoA"
        assert note["value_range"] == [-1.0, 1.0]
        assert note["dropout"] == "off"
        assert "batch norm" in note["norm"]


class TestTestPhase:
    def test_every_pair_of_validation_is_translated_and_scored(self, train, finished, data):
        process = train(f"--data_path={data}", f"--checkpoint_dir={finished[0]}", "--phase=test")
        assert process.returncode == 0, process.stderr
        scores = json.loads((finished[0] / "metrics.json").read_text())
        assert (scores["images"], scores["step"]) == (2, 6)
        for name in ("1.png", "2.png"):
            with Image.open(str(finished[0] / "outputs" / name)) as picture:
                assert picture.size == (64, 64)
