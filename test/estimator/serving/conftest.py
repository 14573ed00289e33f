"""Servers in processes of their own, called by http.client, which knows nothing of aiohttp."""

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
from PIL import Image

SERVE = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "serve.py"
SECONDS = 60

Answer = collections.namedtuple("Answer", ["status", "headers", "body"])
Answer.json = property(lambda self: json.loads(self.body.decode("utf-8")))
Answer.error = property(lambda self: self.json["error"])


class Server:
    """A running serve.py."""

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


@pytest.fixture(scope="session")
def server(serving, finished):
    """A server of a run, with its defaults."""
    with serving(f"--checkpoint_dir={finished[0]}") as running:
        yield running


@pytest.fixture(scope="session")
def photos(data, tmp_path_factory):
    """Five pictures of different sizes and kinds, paths by what they are."""
    folder = tmp_path_factory.mktemp("photos")
    with Image.open(str(data / "train" / "1.jpg")) as pair:
        labels = pair.crop((256, 0, 512, 256))
    labels.resize((64, 64)).save(str(folder / "same.png"))
    labels.resize((100, 50)).save(str(folder / "wide.jpg"))
    labels.resize((33, 70)).convert("P").save(str(folder / "tall.gif"))
    labels.convert("L").save(str(folder / "grey.png"))
    exif = Image.Exif()
    exif[0x0112] = 6
    labels.resize((80, 40)).save(str(folder / "turned.jpg"), exif=exif)
    return {path.name: path for path in folder.iterdir()}
