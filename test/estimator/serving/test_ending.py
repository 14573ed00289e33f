"""A server's begin and its end."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from estimator.serve import main

SERVE = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "serve.py"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_once_what_has_come_in_is_answered(serving, finished, photos, number):
    content = photos["same.png"].read_bytes()
    with serving(f"--checkpoint_dir={finished[0]}") as running:
        with running.connected() as idle, running.connected() as busy:
            idle.connect()
            busy.putrequest("POST", "/v1/translate")
            busy.putheader("Content-Length", str(len(content)))
            busy.endheaders(content[:100])
            while b"waiting_pictures 1" not in running.ask("GET", "/metrics").body:
                time.sleep(0.01)
            # The rest comes only after the signal.
            timer = threading.Timer(0.5, busy.send, [content[100:]])
            timer.start()
            running.process.send_signal(number)
            response = busy.getresponse()
            assert response.status == 200
            assert response.read().startswith(b"\x89PNG")
            assert response.headers["Connection"] == "close"
            timer.join()
        output, error = running.process.communicate(timeout=30)
    assert running.process.returncode == 0
    assert output == ""
    assert error.splitlines() == [
        "ending: what has come in is answered first; a second signal ends at once"
    ]


def test_a_port_in_use_is_said_before_a_model_is_loaded(refuses):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        code = main(["--checkpoint_dir=/nowhere", f"--port={port}"])
    refuses(code, f"--port {port}", "in use")


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_an_address_of_another_machine(capsys, refuses, host):
    refuses(main(["--checkpoint_dir=/nowhere", f"--host={host}"]), f"--host {host}")


def test_data_that_a_run_has_lost_are_no_hindrance(serving, finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(str(finished[0]), str(run))
    options = json.loads((run / "options.json").read_text())
    (tmp_path / "empty").mkdir()
    (run / "options.json").write_text(json.dumps({**options, "data_path": str(tmp_path / "empty")}))
    with serving(f"--checkpoint_dir={run}") as running:
        told = running.ask("GET", "/page.json").json
        assert (told["kind"], told["examples"]) == ("photo", [])
        _, error = running.end()
        assert error.startswith("the page has no examples: ")


def test_a_folder_without_a_run(tmp_path, refuses):
    refuses(main([f"--checkpoint_dir={tmp_path}", "--port=0"]), str(tmp_path))


def test_without_aiohttp_the_extra_is_named(tmp_path):
    """As in an environment without it: a module of this name that cannot be imported."""
    (tmp_path / "aiohttp.py").write_text("raise ImportError('there is none')\n")
    process = subprocess.run(
        [sys.executable, str(SERVE), "--checkpoint_dir=run", "--port=0"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert process.returncode == 2
    assert process.stderr.startswith("error: serve.py: needs the package aiohttp")
    assert "pip install '.[serve]'" in process.stderr
    assert process.stderr.count("\n") == 1
