"""Two workers of TensorFlow's own cluster: what they start from, and what the chief scores."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator import train

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4", "--device=cpu"]

# Trains as a worker that writes down its own copy of the weights before its first step.
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
    def after_create_session(self, session, coord):
        np.savez(sys.argv[2], **session.run(self.read))
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


@pytest.fixture(scope="module")
def finished(data, source, tmp_path_factory):
    """A run of both: its folder, the chief's output, and the weights each began with."""
    folder = tmp_path_factory.mktemp("workers")
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    flags = [*SMALL, f"--data_path={data}", f"--checkpoint_dir={folder / 'run'}"]
    flags += [f"--init_from={source}", "--keep_best=psnr", "--eval_steps=1", "--max_steps=4"]
    flags += ["--save_checkpoints_steps=2", "--loss_scale=dynamic", "--init_loss_scale=1024"]
    processes = []
    for rank in range(2):
        cluster = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": rank}}
        command = [sys.executable, "-c", WORKER, str(PROJECT), str(folder / f"{rank}.npz"), *flags]
        environment = {**os.environ, "TF_CONFIG": json.dumps(cluster)}
        with open(str(folder / f"{rank}.log"), "w", encoding="utf-8") as log:
            processes.append(subprocess.Popen(command, env=environment, stdout=log))
    try:
        assert [process.wait(timeout=200) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    weights = [dict(np.load(str(folder / f"{rank}.npz"))) for rank in range(2)]
    return folder / "run", [(folder / f"{rank}.log").read_text() for rank in range(2)], weights


def test_both_begin_with_the_weights_of_the_other_run(finished, source):
    reader = tf.train.load_checkpoint(str(source / "model.ckpt-3"))
    for weights in finished[2]:
        assert {name.split("/")[0] for name in weights} == {"generator", "discriminator"}
        for name, value in weights.items():
            np.testing.assert_array_equal(value, reader.get_tensor(name), err_msg=name)
    line = f"starting from the weights of {source / 'model.ckpt-3'}: all "
    assert [line in log for log in finished[1]] == [True, False]


@pytest.mark.parametrize("step", [2, 4])
def test_the_chief_scores_the_checkpoint_of_the_step_that_it_says(finished, data, step):
    folder, (log, _), _ = finished
    (psnr,) = re.findall(rf"^val: step {step}, .*psnr: ([\d.]+)", log, re.MULTILINE)
    flags = [f"--data_path={data}", f"--checkpoint_dir={folder}", "--phase=test", "--test_size=1"]
    assert train.main([*flags, f"--step={step}", "--device=cpu"]) == 0
    report = json.loads((folder / "metrics.json").read_text())
    assert (report["step"], report["psnr"]) == (step, pytest.approx(float(psnr), abs=2e-4))


def test_the_best_is_kept(finished):
    folder, (log, _), _ = finished
    scores = re.findall(r"^val: step (\d+), .*psnr: ([\d.]+)", log, re.MULTILINE)
    assert len(scores) == 2
    best = max(scores, key=lambda each: float(each[1]))[0]
    path = tf.train.latest_checkpoint(str(folder / "best"))
    assert path == str(folder / "best" / f"model.ckpt-{best}")
    assert tf.train.load_variable(path, "global_step") == int(best)
