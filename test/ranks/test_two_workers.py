"""Two workers of TensorFlow's own cluster: what they start from, and what the chief scores."""

import json
import pathlib
import re
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator import train

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4", "--device=cpu"]

# Trains as a worker that writes down its own copy of the weights before its first step, and at the
# end what is not trained: averages, and the vectors of spectral norm.
WORKER = """
import sys
sys.path.insert(0, sys.argv[1])
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
import numpy as np
import tensorflow.compat.v1 as tf
from estimator.run.reports import Reports
class Weights(tf.train.SessionRunHook):
    def begin(self):
        self.read = {each.op.name: each.read_value() for each in tf.trainable_variables()}
        self.others = {
            each.op.name: each.read_value()
            for each in tf.global_variables()
            if each.op.name.startswith("average/") or each.op.name.endswith("/singular_vector")
        }
    def after_create_session(self, session, coord):
        np.savez(sys.argv[2] + "_begin", **session.run(self.read))
    def end(self, session):
        np.savez(sys.argv[2] + "_end", **session.run(self.others))
plain = Reports.hooks
Reports.hooks = lambda self, tensors: [Weights(), *plain(self, tensors)]
from estimator.train import main
sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture(scope="module")
def source(data, tmp_path_factory):
    """A run of 3 steps of one process."""
    folder = tmp_path_factory.mktemp("source") / "run"
    flags = [f"--data_path={data}", f"--checkpoint_dir={folder}", "--max_steps=3"]
    command = [sys.executable, str(PROJECT / "estimator" / "train.py"), *SMALL, *flags]
    subprocess.run([*command, "--eval_steps=0"], check=True, stdout=subprocess.DEVNULL)
    return folder


Finished = namedtuple("Finished", ["run", "logs", "begun", "ended"])
Finished.__doc__ = """A run of both: its folder; what each said; the weights that each began with;
and what is not trained of each at the end."""


@pytest.fixture(scope="module")
def finished(data, source, run_cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    flags = [*SMALL, f"--data_path={data}", f"--checkpoint_dir={folder / 'run'}"]
    flags += [f"--init_from={source}", "--keep_best=psnr", "--eval_steps=1", "--max_steps=4"]
    flags += ["--save_checkpoints_steps=1", "--loss_scale=dynamic", "--init_loss_scale=1024"]
    flags += ["--ema=0.2", "--spectral_norm_D"]
    command = [sys.executable, "-c", WORKER, str(PROJECT)]
    logs = [folder / f"{rank}.log" for rank in range(2)]
    commands = [[*command, str(folder / str(rank)), *flags] for rank in range(2)]
    run_cluster(commands, logs, seconds=200)
    said = [log.read_text() for log in logs]
    return Finished(folder / "run", said, *(arrays(folder, when) for when in ("begin", "end")))


def arrays(folder, when):
    """Reads what both ranks wrote down: a dict of arrays for each."""
    return [dict(np.load(str(folder / f"{rank}_{when}.npz"))) for rank in range(2)]


def test_both_begin_with_the_weights_of_the_other_run(finished, source, weights_of):
    there = weights_of(source / "model.ckpt-3")
    for weights in finished.begun:
        assert {name.split("/")[0] for name in weights} == {"generator", "discriminator"}
        for name, value in weights.items():
            np.testing.assert_array_equal(value, there[name], err_msg=name)
    line = f"starting from the weights of {source / 'model.ckpt-3'}: all "
    assert [line in log for log in finished.logs] == [True, False]


@pytest.mark.parametrize("step", [2, 4])
def test_the_chief_scores_the_checkpoint_of_the_step_that_it_says(finished, data, step):
    folder, log = finished.run, finished.logs[0]
    (psnr,) = re.findall(rf"^val: step {step}, .*psnr: ([\d.]+)", log, re.MULTILINE)
    flags = [f"--data_path={data}", f"--checkpoint_dir={folder}", "--phase=test", "--test_size=1"]
    assert train.main([*flags, f"--step={step}", "--device=cpu"]) == 0
    report = json.loads((folder / "metrics.json").read_text())
    assert (report["step"], report["psnr"]) == (step, pytest.approx(float(psnr), abs=2e-4))


def test_the_best_is_kept(finished):
    folder, log = finished.run, finished.logs[0]
    scores = re.findall(r"^val: step (\d+), .*psnr: ([\d.]+)", log, re.MULTILINE)
    assert len(scores) == 4
    best = max(scores, key=lambda each: float(each[1]))[0]
    path = tf.train.latest_checkpoint(str(folder / "best"))
    assert path == str(folder / "best" / f"model.ckpt-{best}")
    assert tf.train.load_variable(path, "global_step") == int(best)


def test_averages_are_those_of_the_weights_of_each_step(finished, weights_of):
    """d average + (1 - d) weight, with d = min(0.2, step / (step + 9)) of the step before."""
    steps = [weights_of(finished.run / f"model.ckpt-{step}") for step in (1, 2, 3, 4)]
    names = [name for name in steps[0] if name.startswith("average/")]
    assert len(names) > 10
    for name in names:
        first, *others = (weights[name[len("average/") :]].astype(np.float64) for weights in steps)
        average = first
        for decay, weight in zip((0.1, 2 / 11, 0.2), others):
            average = decay * average + (1 - decay) * weight
        np.testing.assert_allclose(steps[-1][name], average, rtol=1e-5, atol=1e-8, err_msg=name)
        if name.endswith("kernel"):
            assert np.abs(average - others[-1]).max() > 1e-5, name


def test_both_have_the_same_averages_and_spectral_norms(finished, weights_of):
    there = weights_of(finished.run / "model.ckpt-4")
    for ended in finished.ended:
        assert {name.split("/")[-1] for name in ended} >= {"singular_vector", "kernel"}
        for name, value in ended.items():
            np.testing.assert_array_equal(value, there[name], err_msg=name)
