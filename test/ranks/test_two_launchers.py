"""Two launchers, as of two hosts: a rank table of two servers, and no folder that both see."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

LAUNCH = pathlib.Path(__file__).resolve().parents[2] / "estimator" / "launch.py"
FLAGS = ["--fine_size=32", "--ngf=4", "--ndf=4", "--eval_steps=0", "--device=cpu"]
SERVERS = ("127.0.0.1", "127.0.0.2")


def free_port():
    """Finds a port that is free, as are those around it."""
    while True:
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError):
                for near in (port - 1, port + 1):
                    stack.enter_context(socket.socket()).bind(("", near))
                return port


def wait_for_text(log, text, seconds=100):
    deadline = time.monotonic() + seconds
    while text not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.fixture
def train(tmp_path, data):
    """Trains to a step by two launchers; returns what each has printed."""
    table = {
        "status": "completed",
        "version": "1.0",
        "server_count": "2",
        "server_list": [
            {
                "server_id": server,
                "device": [{"device_id": "0", "device_ip": server, "rank_id": str(rank)}],
            }
            for rank, server in enumerate(SERVERS)
        ],
    }
    (tmp_path / "table.json").write_text(json.dumps(table))

    def trained(steps, output):
        port, logs, processes = str(free_port()), [], []
        try:
            for server in (1, 0):
                logs.append(tmp_path / f"server_{server}.log")
                command = [sys.executable, str(LAUNCH), f"--rank_table={tmp_path / 'table.json'}"]
                command += [f"--output_dir={output / str(server)}", f"--data_path={data}", *FLAGS]
                environment = {"RANK_SIZE": "2", "RANK_INDEX": str(server), "PIX2PIX_PORT": port}
                with logs[-1].open("w") as log:
                    processes.append(
                        subprocess.Popen(
                            [*command, f"--max_steps={steps}"],
                            stdout=log,
                            stderr=subprocess.STDOUT,
                            env={**os.environ, **environment},
                        )
                    )
                if server == 1:
                    # Only then the first one, so that the second has to wait for it.
                    wait_for_text(logs[-1], "waiting for the first host")
            for process in processes:
                process.wait(timeout=200)
        finally:
            for process in processes:
                process.kill()
                process.wait()
        outputs = [log.read_text() for log in logs]
        assert [process.returncode for process in processes] == [0, 0], outputs
        return outputs[::-1]

    return trained


def test_they_find_together_and_resume_from_the_first_ones_folder(weights_of, train, tmp_path):
    first, second = train(4, tmp_path / "parts")
    assert "rank 0 of 2 reads 3 files" in first
    assert "rank 1 of 2 reads 2 files" in second
    assert not list((tmp_path / "parts" / "1").rglob("*.index"))

    # The second host may have nothing of the run, or something else.
    shutil.rmtree(str(tmp_path / "parts" / "1"))
    other = tmp_path / "parts" / "1" / "0" / "ckpt"
    other.mkdir(parents=True)
    (other / "options.json").write_text("another run")
    first, second = train(8, tmp_path / "parts")
    assert " at step 4\n" in first
    assert " at step 4\n" in second
    assert (other / "options.json").read_text() == "another run"

    train(8, tmp_path / "whole")
    whole, parts = (
        weights_of(tmp_path / output / "0" / "0" / "ckpt" / "model.ckpt-8")
        for output in ("whole", "parts")
    )
    for name, value in parts.items():
        np.testing.assert_allclose(value, whole[name], rtol=2e-3, atol=1e-5, err_msg=name)


def test_a_port_that_is_taken_is_named(tmp_path, data):
    (tmp_path / "table.json").write_text(
        json.dumps(
            {
                "server_list": [
                    {"server_id": server, "device": [{"device_id": "0", "rank_id": str(rank)}]}
                    for rank, server in enumerate(SERVERS)
                ]
            }
        )
    )
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("", port - 1))
        taken.listen()
        command = [sys.executable, str(LAUNCH), f"--rank_table={tmp_path / 'table.json'}"]
        command += [f"--output_dir={tmp_path}", f"--data_path={data}", *FLAGS]
        process = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "RANK_SIZE": "2", "PIX2PIX_PORT": str(port)},
        )
    assert process.returncode == 1
    assert process.stderr.startswith(f"error: port {port - 1}, where the other hosts ask, cannot")
