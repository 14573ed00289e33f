"""How quality.py trains: what it keeps, what it does not do again, what it refuses."""

import glob
import importlib.util
import os
import pathlib
import re
import sys

import pytest
import tensorflow.compat.v1 as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from quality import markdown, paper_tables, peers, results, runs, trainings
from quality.programs import ProgramError, run_program
from quality.recipes import PEER, RECIPES, Recipe
from quality.settings import build_parser, parse_settings

from estimator.options.train_options import parse_options
from input_fn import write_data_set

BENCH = pathlib.Path(__file__).resolve().parent

_SPEC = importlib.util.spec_from_file_location("quality_command", str(BENCH / "quality.py"))
command = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(command)

# In the form of affinelayer's program; its checkpoints say of which steps they are.
PEER_PROGRAM = """
import argparse, os, pathlib, time
from PIL import Image
parser = argparse.ArgumentParser()
for name in ("mode", "input_dir", "output_dir", "checkpoint", "which_direction"):
    parser.add_argument("--" + name)
for name in ("seed", "max_steps", "save_freq", "progress_freq", "ngf", "ndf"):
    parser.add_argument("--" + name, type=int)
a = parser.parse_args()
output = pathlib.Path(a.output_dir)
known = "" if a.checkpoint is None else (pathlib.Path(a.checkpoint) / "model").read_text()
if a.mode == "train":
    for step in range(a.max_steps):
        time.sleep(0.4)
        print("progress  epoch 1  step %d" % step, flush=True)
        if os.path.exists("breaks") and known:
            raise SystemExit("ValueError: it breaks")
    output.mkdir(parents=True)
    (output / "model").write_text(known + "+%d" % a.max_steps)
else:
    (output / "images").mkdir(parents=True)
    for path in sorted(pathlib.Path(a.input_dir).glob("*.jpg")):
        pair = Image.open(path)
        halves = [pair.crop((left, 0, left + 64, 64)) for left in (0, 64)]
        for kind, picture in zip(("inputs", "targets", "outputs"), [*halves, halves[0]]):
            picture.save(str(output / "images" / ("%s-%s.png" % (path.stem, kind))))
    print("from " + known)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    write_data_set(str(folder), train=2, val=3, seed=0, height=64, width=64)
    return folder


class TestCheckpoints:
    def test_those_to_be_scored_outlive_the_five_that_are_kept(self, tmp_path):
        training = tmp_path / "training"
        training.mkdir()
        (training / "options.json").write_text("{}")
        with tf.Graph().as_default(), tf.Session() as session:
            value = tf.get_variable("value", initializer=0)
            saver = tf.train.Saver(max_to_keep=2)
            for step in range(5):
                session.run(value.assign(step))
                saver.save(session, str(training / "model.ckpt"), global_step=step)
                trainings.keep_checkpoints(
                    str(training), lambda step: str(tmp_path / f"at-{step}"), (1, 3, 9)
                )
        assert sorted(os.listdir(tmp_path)) == ["at-1", "at-3", "training"]
        for step in (1, 3):
            path = tf.train.latest_checkpoint(str(tmp_path / f"at-{step}"))
            assert tf.train.load_checkpoint(path).get_tensor("value") == step

    @pytest.mark.parametrize(
        ("saved", "kept"),
        [((2, 4, 5), [2, 4]), ((2, 4), [2, 4]), ((1,), []), ((2, 3, 5), [2]), ((), [])],
    )
    def test_a_training_that_was_interrupted_goes_on_from_a_step_of_the_interval(
        self, tmp_path, saved, kept
    ):
        with tf.Graph().as_default(), tf.Session() as session:
            session.run(tf.get_variable("value", initializer=0).initializer)
            saver = tf.train.Saver()
            for step in saved:
                saver.save(session, str(tmp_path / "model.ckpt"), global_step=step)
        trainings.go_back(str(tmp_path), 2)
        assert sorted(path.name for path in tmp_path.glob("*.index")) == [
            f"model.ckpt-{step}.index" for step in kept
        ]
        newest = tf.train.latest_checkpoint(str(tmp_path))
        assert newest == (str(tmp_path / f"model.ckpt-{kept[-1]}") if kept else None)

    @pytest.mark.parametrize(
        ("steps", "at", "interval"),
        [(2000, "500,1000", 500), (2000, "250", 250), (40000, "10000", 500), (7, "3", 1)],
    )
    def test_every_step_to_be_scored_has_one(self, data, steps, at, interval):
        settings = parse_settings([f"--data_path={data}", f"--steps={steps}", f"--at={at}"])
        assert settings.save_every == interval
        assert settings.at == (*map(int, at.split(",")), steps)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_a_command_line_of_train(data, name):
    parse_options([f"--data_path={data}", *RECIPES[name].split()])


def test_a_program_begins_as_its_own_tensorflow_does(tmp_path, monkeypatch):
    monkeypatch.setenv("TF2_BEHAVIOR", "1")  # TensorFlow 2 does so when it is imported.
    show = "import os; print(os.environ.get('TF2_BEHAVIOR', 'unset'))"
    run_program([sys.executable, "-c", show], str(tmp_path / "log.txt"))
    assert (tmp_path / "log.txt").read_text() == "unset\n"


class TestPeer:
    @pytest.fixture
    def peer(self, data, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "port").mkdir()
        (tmp_path / "port" / "pix2pix.py").write_text(PEER_PROGRAM)
        flags = [f"--data_path={data}", "--steps=4", "--at=2", "--test_size=2", "--filters=8"]
        flags += [f"--peer={tmp_path / 'port'}", f"--peer_python={sys.executable}"]
        settings = parse_settings([*flags, f"--output={tmp_path / 'table'}"])
        assert settings.recipes[-1] == Recipe(PEER, ())
        return settings, runs.run_of(settings, settings.recipes[-1], 1)

    def test_it_is_trained_from_step_to_step_and_goes_on_where_it_was(self, peer, tmp_path):
        settings, run = peer
        (tmp_path / "breaks").touch()
        with pytest.raises(ProgramError, match=r"ValueError: it breaks .*log\.txt"):
            peers.make_pictures(settings, run, print)
        assert run.has_pictures(2)
        assert not run.has_pictures(4)
        (tmp_path / "breaks").unlink()
        peers.make_pictures(settings, run, print)
        # What it was trained with before each test: 2 steps, and these and 2 more.
        said = pathlib.Path(run.log).read_text().splitlines()
        assert [line for line in said if line.startswith("from")] == ["from +2", "from +2+2"]
        for folder in ("outputs", "outputs/inputs", "outputs/targets"):
            pictures = glob.glob(os.path.join(run.place_of(4), folder, "*.png"))
            assert sorted(map(os.path.basename, pictures)) == ["1.png", "2.png"]
        # A step takes 0.4 seconds, and looks come every 0.3.
        assert 0.5 < run.trained["images_per_sec"] < 10
        assert not glob.glob(os.path.join(run.folder, "weights*"))


class TestDocuments:
    @pytest.fixture(params=["docs", "docs/zh-CN"])
    def text(self, request):
        path = BENCH.parents[1] / request.param / "results.md"
        return path.read_text(encoding="utf-8")

    def test_every_flag_is_there(self, text):
        rows = re.findall(r"^\| (`--.*?) \|", text, re.MULTILINE)
        found = [name for row in rows for name in re.findall(r"`(--\w+)`", row)]
        declared = [name for name in build_parser()._option_string_actions if name[:2] == "--"]
        assert sorted(set(found) | {"--help"}) == sorted(declared)

    def test_every_recipe_and_every_table_is_named(self, text):
        for name in (*RECIPES, *(f"--table={name}" for name in paper_tables.TABLES)):
            assert f"`{name}`" in text


class TestRefusals:
    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--recipes=paper,nothing"], "--recipes nothing: is none; there are paper"),
            (["--recipe=--ngf=3"], "write NAME=FLAGS"),
            (["--recipe=odd=--no_such_flag"], "recipe odd: "),
            (["--recipe=long=--max_steps=9"], "--max_steps=9: the bench itself says that"),
            (["--recipe=wrong=--ngf=none"], "recipe wrong: argument --ngf"),
            (["--steps=10", "--at=20"], "--at 20: is after the last step"),
            (["--at=few"], "'few' are no steps"),
            (["--table=labels"], "--label_palette has to name"),
            (["--table=losses", "--recipes=ema"], "leave one out"),
            (["--label_palette=nowhere.txt"], "--label_palette nowhere.txt"),
            (["--peer=."], "holds no pix2pix.py"),
            (["--python=nowhere"], "nowhere: cannot be started"),
            (["--flags=--fine_size=100"], "recipe paper: --fine_size"),
        ],
    )
    def test_a_flag_that_cannot_work_is_one_line(self, data, tmp_path, capsys, flags, named):
        code = command.main([f"--data_path={data}", f"--output={tmp_path / 'table'}", *flags])
        error = capsys.readouterr().err
        assert code == 2
        assert named in error
        assert error.startswith("error: ")
        assert error.count("\n") == 1

    def test_so_is_a_folder_without_pairs(self, tmp_path, capsys):
        assert command.main([f"--data_path={tmp_path}"]) == 2
        error = capsys.readouterr().err
        assert str(tmp_path) in error
        assert error.count("\n") == 1


def test_a_training_that_fails_does_so_in_its_row(data, tmp_path, capsys):
    stand_in = tmp_path / "python"
    stand_in.write_text("#!/bin/sh\necho 'error: the loss of the generator is nan'\nexit 1\n")
    stand_in.chmod(0o755)
    flags = [f"--data_path={data}", f"--output={tmp_path / 'table'}", "--seeds=1"]
    code = command.main([*flags, "--recipes=paper,ema", f"--python={stand_in}"])
    assert code == 1
    text = (tmp_path / "table" / "results.md").read_text()
    for name in ("paper", "ema"):
        assert f"| {name}, seed 0 | the loss of the generator is nan (exit code 1;" in text
    assert text in capsys.readouterr().out


def test_a_table_of_the_paper_stands_beside_what_was_found(data, tmp_path):
    settings = parse_settings([f"--data_path={data}", "--table=people", "--steps=4", "--seeds=2"])
    collected = results.Results(settings)
    for recipe, l1 in zip(settings.recipes, (0.3, 0.2)):
        for seed in settings.seeds:
            run = runs.Run(recipe, seed, str(tmp_path / f"{recipe.name}-{seed}"))
            run.write_trained({"images_per_sec": 2.0, "minutes": 1.5, "losses": {}})
            scores = {"l1": l1 + 0.01 * seed, "ssim": l1, "kid": 10.0 * (seed + l1)}
            collected.add(run, dict.fromkeys(settings.at, scores))
    text = markdown.page(collected.report())
    assert "## The paper's table 4" in text
    assert "| paper | 18.9 / 6.1 |" in text
    # The paper has the GAN before plain L1; L1 and KID here do not, SSIM does.
    assert "| L1 | 0 | paper_l1 before paper |  |" in text
    assert "| SSIM | 1 |  |  |" in text
