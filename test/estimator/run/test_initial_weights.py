"""--init_from: a run that starts from the weights of `finished`, which has made 6 steps."""

import json
import re
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator import predict, train

SMALL = ["--fine_size=64", "--ngf=4", "--ndf=4", "--which_direction=BtoA"]
# So that a checkpoint of after the first step has what the step began with.
STILL = ["--learning_rate=1e-12", "--max_steps=1", "--eval_steps=0"]


def trainable(weights):
    return {
        name: value
        for name, value in weights.items()
        if name.startswith(("generator/", "discriminator/"))
    }


@pytest.fixture(scope="module")
def started(train, data, finished, tmp_path_factory):
    """A run of one step that started from the weights of `finished`: its folder and process."""
    folder = tmp_path_factory.mktemp("started") / "run"
    flags = [f"--data_path={data}", f"--checkpoint_dir={folder}", "--which_direction=BtoA", *STILL]
    process = train(*flags, f"--init_from={finished[0]}")
    assert process.returncode == 0, process.stderr
    return folder, process


def losses(process):
    return re.findall(r"d_loss: \S+, g_loss: \S+|g_gan: \S+ g_l1: \S+", process.stdout)


class TestSameNetwork:
    def test_all_weights_of_both_networks_are_taken(self, weights_of, started, finished):
        there, here = (
            trainable(weights_of(prefix))
            for prefix in (finished[0] / "model.ckpt-6", started[0] / "model.ckpt-1")
        )
        assert there.keys() == here.keys()
        assert {name.split("/")[0] for name in here} == {"generator", "discriminator"}
        for name, value in there.items():
            np.testing.assert_allclose(here[name], value, rtol=0, atol=1e-9, err_msg=name)

    def test_moments_and_step_begin_anew(self, weights_of, started):
        weights = weights_of(started[0] / "model.ckpt-1")
        assert weights["global_step"] == 1
        for network in ("generator", "discriminator"):
            # As of one step: 0.5 to the power of 2, which the next step takes.
            assert weights[f"{network}_optimizer/beta1_power"] == pytest.approx(0.25)

    def test_a_line_says_so(self, started, finished):
        line = f"starting from the weights of {finished[0] / 'model.ckpt-6'}: all 17 layers\n"
        assert line in started[1].stdout

    def test_the_first_losses_are_what_these_weights_give_at_the_first_step(
        self, weights_of, train, data, started, finished, tmp_path
    ):
        """As a run resumes that has these weights at step 0, and no flag for them."""
        run = tmp_path / "run"
        run.mkdir()
        shutil.copy(str(finished[0] / "options.json"), str(run))
        with tf.Graph().as_default(), tf.Session() as session:
            weights = weights_of(finished[0] / "model.ckpt-6")
            weights["global_step"] = np.int64(0)
            for name, value in weights.items():
                tf.get_variable(name, initializer=value, use_resource=True)
            session.run(tf.global_variables_initializer())
            tf.train.Saver().save(session, str(run / "model.ckpt"), global_step=0)
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--which_direction=BtoA"]
        process = train(*flags, *STILL)
        assert process.returncode == 0, process.stderr
        assert len(losses(started[1])) == 2
        numbers = [
            [float(each) for each in re.findall(r"\d+\.\d+", " ".join(losses(one)))]
            for one in (started[1], process)
        ]
        np.testing.assert_allclose(*numbers, rtol=1e-5)

    def test_pictures_are_those_of_the_other_run(self, started, finished, data, tmp_path):
        with Image.open(str(data / "val" / "1.jpg")) as pair:
            pair.crop((0, 0, 256, 256)).save(str(tmp_path / "photo.png"))
        for name, folder in (("here", started[0]), ("there", finished[0])):
            flags = [f"--input={tmp_path / 'photo.png'}", f"--output={tmp_path / name}.png"]
            assert predict.main([*flags, f"--checkpoint_dir={folder}"]) == 0
        here, there = (
            np.asarray(Image.open(str(tmp_path / f"{name}.png"))).astype(int)
            for name in ("here", "there")
        )
        assert np.abs(here - there).max() <= 1
        assert np.ptp(here) > 1

    def test_a_run_with_a_checkpoint_of_its_own_leaves_it_aside(
        self, train, data, started, tmp_path
    ):
        shutil.copytree(str(started[0]), str(tmp_path / "run"))
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}"]
        flags += ["--which_direction=BtoA", "--max_steps=2", "--eval_steps=0"]
        process = train(*flags, "--init_from=/gone")
        assert process.returncode == 0, process.stderr
        assert "--init_from /gone is left aside: this run has its own checkpoint" in process.stdout
        assert "starting from" not in process.stdout
        assert (tmp_path / "run" / "model.ckpt-2.index").exists()


def test_of_another_network_the_layers_that_fit_are_taken_also_from_a_best_folder(
    weights_of, train, data, kept, tmp_path
):
    flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", "--ngf=8", *STILL]
    process = train(*flags, f"--init_from={kept.folder / 'best'}")
    assert process.returncode == 0, process.stderr
    name = f"model.ckpt-{kept.best}"
    assert (
        f"starting from the weights of {kept.folder / 'best' / name}: 5 of 17 layers; anew: "
        "generator/encoder_1, generator/encoder_2, generator/encoder_3, generator/encoder_4, "
        "generator/encoder_5 and 7 more\n"
    ) in process.stdout
    there = weights_of(kept.folder / "best" / name)
    here = weights_of(tmp_path / "run" / "model.ckpt-1")
    for name, value in trainable(here).items():
        if name.startswith("discriminator/"):
            np.testing.assert_allclose(value, there[name], rtol=0, atol=1e-9, err_msg=name)
    # The last bias has one shape in both networks; a layer is taken as a whole or not at all.
    assert np.abs(here["generator/decoder_1/bias"]).max() < 1e-9
    assert np.abs(there["generator/decoder_1/bias"]).max() > 1e-3


class TestBadInput:
    def refused(self, data, run, source, capsys, *flags):
        places = [f"--data_path={data}", f"--checkpoint_dir={run}", f"--init_from={source}"]
        before = sorted(run.rglob("*")) if run.exists() else None
        assert train.main([*places, *SMALL, *flags]) == 2
        assert (sorted(run.rglob("*")) if run.exists() else None) == before
        error = capsys.readouterr().err
        assert error.startswith(f"error: --init_from {source}: ")
        assert error.count("\n") == 1
        return error

    def test_a_folder_without_a_run_is_refused(self, data, finished, tmp_path, capsys):
        run = tmp_path / "run"
        assert "holds no trained run" in self.refused(data, run, "/nowhere", capsys)
        (tmp_path / "other").mkdir()
        for path in [finished[0] / "checkpoint", *finished[0].glob("model.ckpt-6.*")]:
            shutil.copy(str(path), str(tmp_path / "other"))
        # Without options it may be of another program.
        assert "holds no trained run" in self.refused(data, run, tmp_path / "other", capsys)

    def test_a_run_of_which_nothing_fits_is_refused(self, data, finished, tmp_path, capsys):
        error = self.refused(data, tmp_path / "run", finished[0], capsys, "--ngf=8", "--ndf=8")
        assert "generator/encoder_1/kernel is 4x4x3x8 here, 4x4x3x4 there" in error

    def test_a_damaged_checkpoint_is_refused(self, data, finished, tmp_path, capsys):
        shutil.copytree(str(finished[0]), str(tmp_path / "other"))
        path = tmp_path / "other" / "model.ckpt-6.data-00000-of-00001"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        error = self.refused(data, tmp_path / "run", tmp_path / "other", capsys)
        assert "model.ckpt-6 cannot be read" in error

    def test_the_folder_that_is_about_to_be_renamed_is_refused(
        self, data, finished, tmp_path, capsys
    ):
        run = tmp_path / "run"
        shutil.copytree(str(finished[0]), str(run))
        flags = ["--existing=archive", "--max_steps=6"]
        assert "about to rename" in self.refused(data, run, run, capsys, *flags)

    def test_options_say_where_the_weights_came_from(self, started, finished):
        stored = json.loads((started[0] / "options.json").read_text())
        assert stored["init_from"] == str(finished[0])
