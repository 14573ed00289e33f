"""A folder that the version before this one left: it resumes, predicts and exports as it did.

`old_run` holds a checkpoint, a frozen graph and a SavedModel of 6 steps with one filter on 4 pairs
of `prepare.py synth --size=64 --train=4 --val=2`, BtoA, and what that version predicted.
"""

import io
import pathlib
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from estimator import export, predict, train
from input_fn import write_data_set

OLD = pathlib.Path(__file__).parent / "old_run"
# What the version before printed of the steps that follow.
D_LOSSES = {7: 0.69570094, 8: 0.69705224, 9: 0.69666564}
G_LOSSES = {7: 26.92516518, 8: 31.11679649, 9: 24.92555046}
ONE_LEVEL = 1


@pytest.fixture
def run(tmp_path):
    shutil.copytree(str(OLD), str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def call(monkeypatch):
    """Runs a program's command line in this process; returns what it printed."""

    def called(program, *arguments):
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", io.StringIO())
            assert program.main([*map(str, arguments)]) == 0
            import sys

            return sys.stdout.getvalue()

    return called


def pixels(path):
    return np.asarray(Image.open(str(path)), np.int64)


def test_training_goes_on_with_the_losses_that_it_would_have_had(run, call, tmp_path):
    write_data_set(str(tmp_path / "data"), train=4, val=2, seed=0, height=64, width=64)
    output = call(
        train,
        f"--data_path={tmp_path / 'data'}",
        f"--checkpoint_dir={run}",
        "--which_direction=BtoA",
        "--fine_size=64",
        "--ngf=1",
        "--ndf=1",
        "--max_steps=9",
        "--print_freq=1",
        "--device=cpu",
    )
    assert f"resuming {run} at step 6" in output
    found = re.findall(r"d_loss: ([\d.]+), g_loss: ([\d.]+)\n.* step: (\d+)/9", output)
    assert [int(step) for _, _, step in found] == [7, 8, 9]
    for d_loss, g_loss, step in found:
        assert float(d_loss) == pytest.approx(D_LOSSES[int(step)], rel=1e-3)
        assert float(g_loss) == pytest.approx(G_LOSSES[int(step)], rel=1e-3)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("--checkpoint_dir={}", "by_checkpoint.png"),
        ("--graph={}/frozen/model-6.pb", "by_graph.png"),
        ("--saved_model={}/export/saved_model", "by_graph.png"),
    ],
)
def test_predictions_are_those_of_the_version_before(run, call, tmp_path, model, expected):
    labels, output = run / "expected" / "labels.png", tmp_path / "predicted.png"
    call(predict, f"--input={labels}", f"--output={output}", model.format(run))
    difference = np.abs(pixels(output) - pixels(run / "expected" / expected))
    assert difference.max() <= ONE_LEVEL


def test_it_exports_what_it_predicts(run, call, tmp_path):
    call(export, f"--checkpoint_dir={run}", "--formats=pb", f"--output={tmp_path / 'export'}")
    labels, output = run / "expected" / "labels.png", tmp_path / "predicted.png"
    graph = tmp_path / "export" / "model-6.pb"
    call(predict, f"--input={labels}", f"--output={output}", f"--graph={graph}")
    difference = np.abs(pixels(output) - pixels(run / "expected" / "by_graph.png"))
    assert difference.max() <= ONE_LEVEL
