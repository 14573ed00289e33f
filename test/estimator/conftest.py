"""Runs of train.py and serve.py in processes of their own, as users start them."""

import collections
import contextlib
import http.client
import json
import pathlib
import re
import signal
import subprocess
import sys

import pytest
from warm_programs import WarmPrograms

from input_fn import write_data_set

ESTIMATOR = pathlib.Path(__file__).resolve().parents[2] / "estimator"
TRAIN, SERVE = ESTIMATOR / "train.py", ESTIMATOR / "serve.py"
SECONDS = 60
SMALL_NETWORK = ["--fine_size=64", "--ngf=4", "--ndf=4"]


@pytest.fixture(scope="session")
def train_command():
    """The command that runs train.py with a small network, as a list."""
    return [sys.executable, str(TRAIN), *SMALL_NETWORK]


@pytest.fixture(scope="session")
def programs():
    """`WarmPrograms`."""
    with contextlib.closing(WarmPrograms()) as warm:
        yield warm


@pytest.fixture(scope="session")
def train(programs):
    """Runs train.py with a small network; returns the completed process."""
    return lambda *flags: programs.run("train", *SMALL_NETWORK, *map(str, flags))


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A data set of 5 pairs to train on and 2 to evaluate."""
    folder = tmp_path_factory.mktemp("data")
    write_data_set(str(folder), train=5, val=2, seed=0)
    return folder


@pytest.fixture(scope="session")
def finished(train, data, tmp_path_factory):
    """A run of 6 steps: its folder and its process. Not to be written to."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    process = train(
        f"--data_path={data}",
        f"--checkpoint_dir={folder}",
        "--which_direction=BtoA",
        "--max_steps=6",
        "--save_checkpoints_steps=3",
        "--save_frozen_steps=4",
        "--summary_freq=2",
        "--image_freq=5",
        "--print_freq=2",
    )
    assert process.returncode == 0, process.stderr
    return folder, process


Kept = collections.namedtuple("Kept", ["folder", "process", "best", "last"])
Kept.__doc__ = """A run that kept its best checkpoint: its folder, its process, the step that the
log gives the highest PSNR, and the last step."""


@pytest.fixture(scope="session")
def kept(train, data, tmp_path_factory):
    """A run of 11 steps whose best checkpoint TensorFlow has deleted. Not to be written to."""
    folder = tmp_path_factory.mktemp("kept") / "run"
    process = train(
        f"--data_path={data}",
        f"--checkpoint_dir={folder}",
        "--keep_best=psnr",
        "--max_steps=11",
        "--save_checkpoints_steps=1",
        "--learning_rate=0.2",  # So much that pictures get worse again.
    )
    assert process.returncode == 0, process.stderr
    scores = re.findall(r"^val: step (\d+), .*psnr: ([\d.]+)", process.stdout, re.MULTILINE)
    best, _ = max(scores, key=lambda each: float(each[1]))
    assert 1 < int(best) < 7  # TensorFlow keeps five.
    return Kept(folder, process, int(best), 11)


Answer = collections.namedtuple("Answer", ["status", "headers", "body"])
Answer.json = property(lambda self: json.loads(self.body.decode("utf-8")))
Answer.error = property(lambda self: self.json["error"])


class Server:
    """A running serve.py, called by http.client, which knows nothing of aiohttp."""

    def __init__(self, process, line):
        self.process = process
        self.line = line
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)$", line).group(1))

    @contextlib.contextmanager
    def connected(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None):
        with self.connected() as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def translate(self, content, query="", **headers):
        return self.ask("POST", "/v1/translate" + query, content, headers)

    def predict(self, question, path="/v1/models/pix2pix"):
        return self.ask("POST", f"{path}:predict", json.dumps(question))

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.communicate(timeout=SECONDS)


@pytest.fixture(scope="session")
def serving():
    """Starts serve.py with some flags, as a context manager that yields a `Server`."""

    @contextlib.contextmanager
    def started(*flags):
        process = subprocess.Popen(
            [sys.executable, str(SERVE), "--port=0", "--device=cpu", *map(str, flags)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
        )
        try:
            line = process.stdout.readline().strip()
            assert "http://" in line, process.communicate()[1]
            yield Server(process, line)
        finally:
            process.kill()
            process.communicate()

    return started


@pytest.fixture
def refuses(capsys):
    """Checks that a program ended with exit code 2 and one line on stderr, which names some things.

    A function of (exit code, *named); to be called once the program has ended.
    """

    def check(code, *named):
        error = capsys.readouterr().err
        assert code == 2
        assert error.startswith("error: ")
        assert error.count("\n") == 1
        assert all(name in error for name in named), error

    return check
