import json
import re
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image
from skimage.metrics import structural_similarity

from estimator.train import main


@pytest.fixture(scope="module")
def run(finished, tmp_path_factory):
    """A copy of the finished run, to be tested."""
    folder = tmp_path_factory.mktemp("tested") / "run"
    shutil.copytree(str(finished[0]), str(folder))
    return folder


def score(run, data, *flags):
    return main([f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test", *flags])


def metrics_of(run):
    return json.loads((run / "metrics.json").read_text())


@pytest.fixture(scope="module")
def results(run, data):
    """What the test phase wrote."""
    assert score(run, data) == 0
    return metrics_of(run)


def picture(path):
    with Image.open(str(path)) as opened:
        return np.asarray(opened.convert("RGB"), np.float64) / 255


class TestResults:
    def test_each_picture_has_input_output_and_target(self, run, results):
        for folder in ("outputs", "outputs/inputs", "outputs/targets"):
            names = sorted(path.name for path in (run / folder).glob("*.png"))
            assert names == ["1.png", "2.png"]

    def test_direction_and_size_are_those_of_training(self, run, results, data):
        # The run maps B, the right half, to A.
        with Image.open(str(data / "val" / "1.jpg")) as pair:
            halves = [
                np.asarray(pair.crop(box).resize((64, 64), Image.BILINEAR), float) / 255
                for box in ((256, 0, 512, 256), (0, 0, 256, 256))
            ]
        for folder, half in zip(("inputs", "targets"), halves):
            written = picture(run / "outputs" / folder / "1.png")
            assert np.abs(written - half).mean() < 0.02

    def test_scores_are_those_of_the_pictures_that_were_written(self, run, results):
        for scores in results["per_image"]:
            name = scores["name"].replace(".jpg", ".png")
            output = picture(run / "outputs" / name)
            target = picture(run / "outputs" / "targets" / name)
            mean_square = np.mean((output - target) ** 2)
            ssim = structural_similarity(
                output,
                target,
                data_range=1,
                channel_axis=2,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
            assert scores["l1"] == pytest.approx(np.abs(output - target).mean(), abs=2e-3)
            assert scores["psnr"] == pytest.approx(-10 * np.log10(mean_square), abs=0.1)
            assert scores["ssim"] == pytest.approx(ssim, abs=5e-3)

    def test_the_report_has_means_and_standard_errors(self, results):
        for name in ("l1", "psnr", "ssim"):
            first, second = (scores[name] for scores in results["per_image"])
            assert results[name] == pytest.approx((first + second) / 2)
            assert results["standard_error"][name] == pytest.approx(abs(first - second) / 2)

    def test_the_report_says_what_was_scored(self, results):
        assert (results["split"], results["images"], results["step"]) == ("val", 2, 6)
        assert (results["direction"], results["data_range"]) == ("BtoA", "0..1")

    def test_the_page_shows_the_pictures_that_are_there(self, run, results):
        page = (run / "index.html").read_text()
        addresses = re.findall(r'src="([^"]+)"', page)
        assert len(addresses) == 6
        assert all((run / address).exists() for address in addresses)

    def test_the_table_and_the_places_are_printed(self, run, data, capsys, results):
        score(run, data)
        text = capsys.readouterr().out
        assert f"L1 (0..1)              {results['l1']:10.4f}" in text
        assert "2 images" in text
        assert "data range 0..1" in text
        assert str(run / "index.html") in text

    def test_no_temporary_file_is_left(self, run, results):
        assert not [path for path in run.rglob("*") if "partial" in path.name]


class TestSeed:
    def test_two_runs_with_one_seed_give_the_same_numbers(self, run, data, results):
        assert score(run, data) == 0
        assert metrics_of(run) == results

    def test_another_seed_draws_other_dropout(self, run, data, results):
        score(run, data, "--seed=5")
        other = metrics_of(run)
        assert other["seed"] == 5
        assert other["l1"] != results["l1"]

    def test_without_dropout_the_seed_does_not_matter(self, run, data):
        score(run, data, "--test_dropout=false")
        scores = metrics_of(run)
        score(run, data, "--test_dropout=false", "--seed=5")
        assert metrics_of(run)["per_image"] == scores["per_image"]


@pytest.mark.parametrize("mode", ["allow_mix_precision_bf16", "allow_mix_precision"])
def test_a_training_in_16_bits_is_scored_in_32(run, data, mode):
    score(run, data)
    scores = metrics_of(run)
    # As the training's command line has it. SSIM by 16 bits would be about half of it; of pictures
    # by 16 bits it is nearly the same.
    score(run, data, f"--precision_mode={mode}")
    for one, other in zip(metrics_of(run)["per_image"], scores["per_image"]):
        assert one["name"] == other["name"]
        for name in ("l1", "psnr", "ssim"):
            assert one[name] == pytest.approx(other[name], rel=0.02)


def test_flags_are_judged_by_what_the_run_keeps(run, data, results, capsys):
    # 64 is too small for pictures of 256x256, which is the default, and right for this run's.
    assert score(run, data, "--load_size=64") == 0
    assert metrics_of(run) == results
    assert score(run, data, "--load_size=32") == 2
    assert "--load_size 32x32 is smaller than --fine_size 64x64" in capsys.readouterr().err


class TestSplit:
    @pytest.fixture
    def with_test(self, data, tmp_path):
        shutil.copytree(str(data), str(tmp_path / "data"))
        (tmp_path / "data" / "test").mkdir()
        shutil.copy(str(data / "val" / "2.jpg"), str(tmp_path / "data" / "test" / "a house.v2.jpg"))
        return tmp_path / "data"

    @pytest.mark.parametrize(
        ("flags", "split", "images"),
        [([], "test", 1), (["--split=test"], "test", 1), (["--split=val"], "val", 2)],
    )
    def test_test_is_the_default_where_there_is_one(self, run, with_test, flags, split, images):
        assert score(run, with_test, *flags) == 0
        assert (metrics_of(run)["split"], metrics_of(run)["images"]) == (split, images)
        if split == "test":
            assert (run / "outputs" / "a house.v2.png").exists()

    def test_a_split_that_is_missing_is_named(self, run, data, capsys):
        assert score(run, data, "--split=test") == 2
        assert "no subfolder test" in capsys.readouterr().err


class TestOtherScores:
    def test_label_maps_are_scored_by_class(self, run, data):
        assert score(run, data, "--label_palette=facades") == 0
        labels = metrics_of(run)["labels"]
        assert 0 <= labels["class_iou"] <= labels["class_accuracy"] <= 1

    def test_kid_and_fid_come_with_a_graph(self, run, data, tmp_path):
        with tf.Graph().as_default() as graph:
            taken = tf.placeholder(tf.float32, [1, 64, 64, 3], name="pictures")
            tf.reduce_mean(taken, axis=[1, 2], name="features")
        (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
        flags = [f"--inception_graph={tmp_path / 'graph.pb'}"]
        assert score(run, data, *flags, "--inception_nodes=pictures,features") == 0
        assert metrics_of(run)["features"] == 3
        assert metrics_of(run)["fid"] > 0


class TestBadInput:
    @pytest.mark.parametrize(
        ("flag", "held"),
        [
            ("--which_direction=AtoB", "BtoA"),
            ("--fine_size=128", "64x64"),
            ("--ngf=8", "has 4"),
        ],
    )
    def test_a_flag_that_contradicts_the_run_is_refused(self, run, data, refuses, flag, held):
        refuses(score(run, data, flag), flag.split("=", maxsplit=1)[0], held)

    def test_a_folder_without_a_run_is_named(self, data, tmp_path, refuses):
        refuses(score(tmp_path, data), "--checkpoint_dir", str(tmp_path))

    def test_a_palette_that_is_missing_is_named(self, run, data, refuses):
        code = score(run, data, "--label_palette=/nowhere")
        refuses(code, "--label_palette /nowhere")

    def test_kid_and_fid_of_a_single_pair_are_refused(self, run, data, tmp_path, refuses):
        shutil.copytree(str(data), str(tmp_path / "data"))
        (tmp_path / "data" / "val" / "2.jpg").unlink()
        code = score(run, tmp_path / "data", "--inception_graph=any.pb")
        refuses(code, "--inception_graph", "sets")

    def test_a_checkpoint_of_another_network_is_refused(self, run, data, tmp_path, refuses):
        shutil.copytree(str(run), str(tmp_path / "run"))
        options = json.loads((run / "options.json").read_text())
        (tmp_path / "run" / "options.json").write_text(json.dumps({**options, "ngf": 8}))
        code = score(tmp_path / "run", data)
        refuses(code, "model.ckpt-6", "options.json", "generator/")

    def test_a_damaged_checkpoint_is_named(self, run, data, tmp_path, refuses):
        shutil.copytree(str(run), str(tmp_path / "run"))
        path = tmp_path / "run" / "model.ckpt-6.index"
        path.write_bytes(path.read_bytes()[:50])
        refuses(score(tmp_path / "run", data), "model.ckpt-6")

    def test_an_unreadable_pair_is_named_and_the_old_report_stays(
        self, run, data, results, tmp_path, refuses
    ):
        shutil.copytree(str(data), str(tmp_path / "data"))
        (tmp_path / "data" / "val" / "2.jpg").write_bytes(b"")
        before = (run / "metrics.json").read_bytes()
        refuses(score(run, tmp_path / "data"), "val/2.jpg")
        assert (run / "metrics.json").read_bytes() == before
