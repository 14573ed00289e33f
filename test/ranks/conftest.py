"""The 8p scripts in a copy of the project."""

import os
import subprocess
import sys

import pytest

from input_fn import write_data_set

SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4"]
FOREIGN = ("TF_CONFIG", "RANK_SIZE", "RANK_ID", "RANK_INDEX", "ASCEND_DEVICE_ID", "JOB_ID")


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_data_set(str(folder), train=5, val=2, seed=0)
    return folder


@pytest.fixture
def project(copy_project, tmp_path):
    return copy_project(tmp_path / "pix2pix")


@pytest.fixture
def start(project, data):
    """Starts a script; returns the process."""

    def started(script, *flags, **environment):
        inherited = {name: os.environ[name] for name in os.environ if name not in FOREIGN}
        command = ["bash", str(project / "test" / script), f"--data_path={data}", *SMALL, *flags]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            env={**inherited, "PYTHON": sys.executable, **environment},
        )

    return started


@pytest.fixture(scope="session")
def finish():
    """Waits for a script and returns its output, having checked its exit code."""

    def finished(process, code=0):
        output, _ = process.communicate(timeout=400)
        assert process.returncode == code, output
        return output

    return finished
