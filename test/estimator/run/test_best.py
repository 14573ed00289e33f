"""The best checkpoint, through train.py: which one it is, and that a resumed run keeps it."""

import errno
import json
import os
import re
import shutil
import socket

import pytest
import tensorflow.compat.v1 as tf

from estimator.run import best as run_best
from estimator.train import main


def scores_of(process, name):
    """What the log says of each step."""
    pattern = rf"^val: step (\d+), .*{name}: ([-\d.]+)"
    found = re.findall(pattern, process.stdout, re.MULTILINE)
    return {int(step): float(score) for step, score in found}


def said(process):
    return re.findall(r"^best: step (\d+), (\w+) ([\d.]+)$", process.stdout, re.MULTILINE)


def files_of(run):
    return sorted(path.name for path in (run / "best").iterdir())


def only(step):
    """The files of a folder that holds the best and nothing else."""
    parts = [f"model.ckpt-{step}.{part}" for part in ("data-00000-of-00001", "index", "meta")]
    return ["best.json", "checkpoint", *parts, "options.json"]


@pytest.fixture
def run(kept, tmp_path):
    """A copy of the run, to go on with."""
    shutil.copytree(str(kept.folder), str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def flags(data, run):
    return [
        f"--data_path={data}",
        f"--checkpoint_dir={run}",
        "--keep_best=psnr",
        "--save_checkpoints_steps=1",
        "--learning_rate=0.05",
    ]


class TestRun:
    def test_it_is_the_one_that_the_log_gives_the_best_score(self, kept):
        scores = scores_of(kept.process, "psnr")
        assert list(scores) == list(range(1, kept.last + 1))
        best = max(scores, key=scores.get)
        held = json.loads((kept.folder / "best" / "best.json").read_text())
        assert (held["step"], held["by"]) == (best, "psnr")
        assert held["scores"]["psnr"] == pytest.approx(scores[best], abs=1e-4)
        assert held["scores"].keys() == {"l1", "psnr", "ssim"}

    def test_a_line_says_so_each_time_and_one_at_the_end(self, kept):
        scores, better, highest = scores_of(kept.process, "psnr"), [], 0.0
        for step, score in scores.items():
            if score > highest:
                better.append((str(step), "psnr", f"{score:.4f}"))
                highest = score
        assert said(kept.process) == better
        step, _, score = better[-1]
        assert f"\nbest: step {step}, psnr {score}: {kept.folder / 'best'}\n" in kept.process.stdout

    def test_it_is_a_whole_checkpoint_of_that_step_that_the_last_ones_do_not_have(self, kept):
        name = f"model.ckpt-{kept.best}"
        assert not (kept.folder / f"{name}.index").exists()
        assert files_of(kept.folder) == only(kept.best)
        path = tf.train.latest_checkpoint(str(kept.folder / "best"))
        assert path == str(kept.folder / "best" / name)
        best = tf.train.load_checkpoint(path)
        assert best.get_tensor("global_step") == kept.best
        last = tf.train.load_checkpoint(str(kept.folder))
        assert best.get_variable_to_shape_map() == last.get_variable_to_shape_map()

    def test_its_frozen_graph_is_there_and_named(self, kept):
        said_there = json.loads((kept.folder / "frozen" / "best.json").read_text())
        graph = f"model-{kept.best}"
        assert (said_there["step"], said_there["graph"]) == (kept.best, f"{graph}.pb")
        note = json.loads((kept.folder / "frozen" / f"{graph}.json").read_text())
        assert note["step"] == kept.best
        constants = constants_of(kept.folder / "frozen" / f"{graph}.pb")
        path = str(kept.folder / "best" / f"model.ckpt-{kept.best}")
        kernel = tf.train.load_variable(path, "generator/encoder_1/kernel")
        assert any(each.shape == kernel.shape and (each == kernel).all() for each in constants)

    def test_nothing_is_kept_unless_asked_for(self, finished):
        assert not (finished[0] / "best").exists()
        assert not (finished[0] / "frozen" / "best.json").exists()


def constants_of(path):
    graph_def = tf.GraphDef.FromString(path.read_bytes())
    return [
        tf.make_ndarray(node.attr["value"].tensor) for node in graph_def.node if node.op == "Const"
    ]


class TestResume:
    def test_what_a_kill_left_goes_and_an_unscored_checkpoint_is_scored_first(
        self, train, run, flags, kept
    ):
        """As if step 11 had been saved, and the copy of it been renamed in part."""
        best = run / "best"
        for path in run.glob("model.ckpt-11.*"):
            shutil.copy(str(path), str(best))
        (best / "model.ckpt-11.meta").unlink()
        dead = f".model.ckpt-11.meta.{socket.gethostname()}.999999999.01234567.partial"
        (best / dead).write_bytes(b"half")
        (best / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-11"\n')
        held = json.loads((best / "best.json").read_text())
        (best / "best.json").write_text(json.dumps({**held, "scored_step": 10}))
        process = train(*flags, "--max_steps=12", "--learning_rate=1e-12")
        assert process.returncode == 0, process.stderr
        assert scores_of(process, "psnr").keys() == {11, 12}
        assert scores_of(process, "psnr")[11] == scores_of(kept.process, "psnr")[11]
        assert said(process) == []
        assert files_of(run) == only(kept.best)
        assert tf.train.latest_checkpoint(str(best)) == str(best / f"model.ckpt-{kept.best}")
        held = json.loads((best / "best.json").read_text())
        assert (held["step"], held["scored_step"]) == (kept.best, 12)

    def test_a_full_disk_ends_it_in_one_line_and_leaves_the_best_of_before(
        self, run, flags, kept, monkeypatch, capsys
    ):
        held = json.loads((run / "best" / "best.json").read_text())
        held["scores"]["psnr"] = 0.0  # So that whatever follows is better.
        (run / "best" / "best.json").write_text(json.dumps(held))
        path = run / "best" / f"model.ckpt-{kept.best}.index"
        before = path.read_bytes()

        def fill(source, target):
            with open(target, "wb") as file:
                file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(run_best.shutil, "copyfile", fill)
        small = ["--fine_size=64", "--ngf=4", "--ndf=4"]
        assert main([*flags, *small, "--max_steps=13"]) == 1
        captured = capsys.readouterr()
        assert captured.err.startswith("error: the disk is full (")
        assert captured.err.endswith("; the same command resumes from the last checkpoint\n")
        assert captured.err.count("\n") == 1
        assert (run / "model.ckpt-12.index").exists()
        assert files_of(run) == only(kept.best)
        assert path.read_bytes() == before

    def test_it_moves_along_with_an_archived_run(self, train, run, flags, kept):
        process = train(*flags, "--max_steps=1", "--existing=archive")
        assert process.returncode == 0, process.stderr
        assert files_of(run.parent / "run.1") == only(kept.best)
        assert files_of(run) == only(1)


class TestBadInput:
    def test_without_pairs_to_score_it_is_refused(self, data, tmp_path, refuses):
        shutil.copytree(str(data / "train"), str(tmp_path / "data" / "train"))
        run = tmp_path / "run"
        flags = [f"--data_path={tmp_path / 'data'}", f"--checkpoint_dir={run}", "--keep_best=l1"]
        refuses(main(flags), "--keep_best l1", "no subfolder val", str(tmp_path))
        assert not run.exists()

    def test_with_scores_turned_off_it_is_refused(self, data, tmp_path, refuses):
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", "--keep_best=l1"]
        refuses(main([*flags, "--eval_steps=0"]), "--keep_best l1", "--eval_steps 0")
        assert not (tmp_path / "run").exists()

    def test_a_record_that_cannot_be_read_is_named(self, run, flags, refuses):
        (run / "best" / "best.json").write_text("{")
        code = main([*flags, "--fine_size=64", "--ngf=4", "--ndf=4", "--max_steps=12"])
        refuses(code, str(run / "best" / "best.json"), f"remove {run / 'best'}")
