"""The 8p scripts in a copy of the project, and workers of a cluster without them."""

import contextlib
import functools
import json
import os
import socket
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
def start(start_in, project):
    """Starts a script; returns the process."""
    return functools.partial(start_in, project)


@pytest.fixture(scope="session")
def start_in(data):
    """Starts a script of a copy of the project; returns the process."""

    def started(project, script, *flags, **environment):
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


@pytest.fixture(scope="session")
def run_cluster():
    """Runs commands as the workers of TensorFlow's own cluster; all have to end well, in time.

    A function of (commands, paths of what each says, seconds).
    """

    def run(commands, logs, seconds):
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in commands]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
        processes = []
        try:
            for rank, (command, log) in enumerate(zip(commands, logs)):
                task = {"type": "worker", "index": rank}
                cluster = json.dumps({"cluster": {"worker": workers}, "task": task})
                environment = {**os.environ, "TF_CONFIG": cluster}
                with open(str(log), "w", encoding="utf-8") as file:
                    processes.append(subprocess.Popen(command, env=environment, stdout=file))
            codes = [process.wait(timeout=seconds) for process in processes]
            assert codes == [0] * len(commands)
        finally:
            for process in processes:
                process.kill()
                process.wait()

    return run
