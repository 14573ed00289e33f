"""How the launchers of several hosts find together, without a folder that all of them see.

The first host's launcher answers on a port: which launch this is, and the checkpoint that training
begins with. The others begin theirs with a copy of it.
"""

import contextlib
import http.server
import json
import os
import shutil
import threading
import time
import urllib.request

from estimator.errors import RunError
from estimator.run.checkpoints import LIST_FILE, latest_checkpoint, write_list
from estimator.run.stored_run import OPTIONS_FILE, is_begun
from input_fn import write_whole

_PATIENCE = 600
_POLL_SECONDS = 1.0
_SECONDS_TO_ANSWER = 30


@contextlib.contextmanager
def answering(port, folder, launch):
    """Answers the other hosts within a `with` block.

    Args:
        port: Number.
        folder: The checkpoint folder of this host.
        launch: Name of this launch.

    Raises:
        RunError: The port is taken.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/":
                self._send(json.dumps(_state(folder, launch)).encode())
            elif self.path[1:] in _files(folder):
                with open(os.path.join(folder, self.path[1:]), "rb") as file:
                    self.send_response(200)
                    self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
                    self.end_headers()
                    shutil.copyfileobj(file, self.wfile)
            else:
                self.send_error(404)

        def _send(self, content):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """Says nothing on the console."""

    try:
        server = http.server.ThreadingHTTPServer(("", port), Handler)
    except OSError as error:
        raise RunError(
            f"port {port}, where the other hosts ask, cannot be had ({error.strerror}); end what "
            "uses it, or set PIX2PIX_PORT to another one, on all hosts"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _state(folder, launch):
    begun = is_begun(folder, launch)
    return {"launch": launch, "begun": begun, "files": _files(folder) if begun else []}


def _files(folder):
    """Lists the files of the checkpoint that training begins with, and of its options."""
    prefix = latest_checkpoint(folder)
    if prefix is None:
        return [OPTIONS_FILE]
    name = os.path.basename(prefix)
    parts = (f"{name}.data", f"{name}.index")
    return [*sorted(each for each in os.listdir(folder) if each.startswith(parts)), OPTIONS_FILE]


def ask_for_launch(address, patience=_PATIENCE):
    """Asks the first host which launch this is, until it answers.

    Args:
        address: "host:port".
        patience: Seconds.

    Returns:
        The name of the launch.

    Raises:
        RunError: It does not answer.
    """
    deadline = time.monotonic() + patience
    said = False
    while True:
        try:
            return _ask(address)["launch"]
        except (OSError, ValueError) as error:
            if time.monotonic() > deadline:
                raise RunError(
                    f"the first host does not answer at {address} ({error}); start the same script "
                    "there, with RANK_INDEX=0 and the same rank table"
                ) from None
        if not said:
            print(f"waiting for the first host, at {address}", flush=True)
            said = True
        time.sleep(_POLL_SECONDS)


def follow(address, folder):
    """Copies the checkpoint that training begins with, in a thread, once the first host has begun.

    Args:
        address: "host:port".
        folder: Where to copy it to; of nothing else.
    """
    threading.Thread(target=_copy, args=(address, folder), daemon=True).start()


def _copy(address, folder):
    try:
        state = _ask(address)
        while not state["begun"]:
            time.sleep(_POLL_SECONDS)
            state = _ask(address)
        os.makedirs(folder, exist_ok=True)
        for name in state["files"]:
            if os.path.basename(name) != name:
                raise ValueError(f"{name!r} is no name of a file")
            # Last of all the options, for which the ranks wait.
            if name == OPTIONS_FILE:
                _write_list(folder, state["files"])
            _fetch(f"http://{address}/{name}", os.path.join(folder, name))
    except (OSError, ValueError) as error:
        # The ranks wait in vain, and say so in the end.
        print(f"error: no checkpoint from the first host, at {address}: {error}", flush=True)


def _write_list(folder, files):
    """Writes the list of checkpoints by which TensorFlow finds the newest."""
    prefixes = [name[: -len(".index")] for name in files if name.endswith(".index")]
    path = os.path.join(folder, LIST_FILE)
    if prefixes:
        write_list(folder, prefixes)
    elif os.path.exists(path):
        os.remove(path)


def _ask(address):
    with urllib.request.urlopen(f"http://{address}/", timeout=_SECONDS_TO_ANSWER) as answer:
        return json.load(answer)


def _fetch(url, path):
    def write(temporary):
        with contextlib.ExitStack() as stack:
            answer = stack.enter_context(urllib.request.urlopen(url, timeout=_SECONDS_TO_ANSWER))
            shutil.copyfileobj(answer, stack.enter_context(open(temporary, "wb")))

    write_whole(path, write)
