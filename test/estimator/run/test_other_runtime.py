"""A checkpoint of one TensorFlow in the hands of the other, where both are installed in .venv/."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

PROJECT = pathlib.Path(__file__).resolve().parents[3]
SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4"]


def other_python():
    """Finds an interpreter in .venv/ whose TensorFlow is of another major version."""
    major = tf.__version__.split(".")[0]
    for python in sorted(PROJECT.glob(".venv/*/bin/python")):
        packages = python.parents[1].glob("lib/python*/site-packages/tensorflow-*.dist-info")
        if any(package.name.split("-")[1].split(".")[0] != major for package in packages):
            return str(python)
    return None


OTHER = other_python()
pytestmark = pytest.mark.skipif(
    OTHER is None, reason="test/run_tests.sh has not been run on another Python"
)


def run(python, program, *flags):
    process = subprocess.run(
        [python, str(PROJECT / "estimator" / program), *flags],
        capture_output=True,
        text=True,
        check=False,
        env={name: os.environ[name] for name in os.environ if name != "PYTHONPATH"},
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """A run of two steps by this runtime."""
    folder = tmp_path_factory.mktemp("run") / "run"
    places = [f"--data_path={data}", f"--checkpoint_dir={folder}"]
    run(sys.executable, "train.py", *SMALL, *places, "--max_steps=2")
    return folder, places


def test_both_predict_the_same_from_it(trained, data, tmp_path):
    folder, _ = trained
    pictures = []
    for number, python in enumerate([sys.executable, OTHER]):
        output = tmp_path / f"{number}.png"
        flags = [f"--input={data / 'val' / '1.jpg'}", f"--output={output}"]
        run(python, "predict.py", f"--checkpoint_dir={folder}", *flags, "--device=cpu")
        pictures.append(np.asarray(Image.open(str(output)), np.int64))
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    assert pictures[0].std() > 1


def test_the_other_goes_on_from_it(trained):
    folder, places = trained
    output = run(OTHER, "train.py", *SMALL, *places, "--max_steps=4")
    assert f"resuming {folder} at step 2" in output
    assert (folder / "model.ckpt-4.index").exists()
