"""`fetch` against a server of its own, which can break off, resume, or refuse to resume."""

import errno
import hashlib
import http.server
import io
import tarfile
import threading

import pytest

from input_fn.prepare import main


def archive(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


GOOD = archive({"facades/train/1.jpg": b"one" * 5000, "facades/val/2.jpg": b"two"})


class Server(http.server.ThreadingHTTPServer):
    content = GOOD
    can_resume = True
    breaks_off_after = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range") if server.can_resume else None
        server.requests.append((self.path, wanted))
        if self.path != "/facades.tar.gz":
            self.send_error(404)
            return
        start = int(wanted[len("bytes=") : -1]) if wanted else 0
        content = server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: server.breaks_off_after])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fetch(server, tmp_path):
    def run(*flags):
        return main(["fetch", "facades", str(tmp_path), f"--mirror={server.url}", *flags])

    return run


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_data_set_is_unpacked_and_the_archive_removed(fetch, tmp_path, capsys):
    assert fetch() == 0
    assert contents(tmp_path) == {
        "facades/train/1.jpg": b"one" * 5000,
        "facades/val/2.jpg": b"two",
    }
    assert "2 files; the paper trains it with --which_direction=BtoA" in capsys.readouterr().out


def test_what_is_there_is_not_fetched_again(fetch, server):
    fetch()
    assert fetch() == 0
    assert len(server.requests) == 1


def test_what_broke_off_is_completed(fetch, server, tmp_path, capsys):
    server.breaks_off_after = 50
    assert fetch() == 1
    error = capsys.readouterr().err
    assert error.startswith("error: a connection broke (")
    assert f"broke off after 50 of {len(GOOD)} bytes" in error
    assert "the same command goes on" in error
    assert error.count("\n") == 1
    server.breaks_off_after = None
    assert fetch() == 0
    assert [wanted for _, wanted in server.requests] == [None, "bytes=50-"]
    assert contents(tmp_path)["facades/val/2.jpg"] == b"two"


def test_a_server_that_cannot_resume_begins_at_the_beginning(fetch, server, tmp_path):
    server.breaks_off_after = 50
    fetch()
    server.breaks_off_after, server.can_resume = None, False
    assert fetch() == 0
    assert contents(tmp_path)["facades/val/2.jpg"] == b"two"


def test_the_next_mirror_is_tried(server, tmp_path):
    nowhere = "http://127.0.0.1:9"
    flags = [f"--mirror={nowhere}", f"--mirror={server.url}/gone", f"--mirror={server.url}"]
    assert main(["fetch", "facades", str(tmp_path), *flags]) == 0
    assert [path for path, _ in server.requests] == ["/gone/facades.tar.gz", "/facades.tar.gz"]


def test_a_folder_of_this_machine_is_a_mirror_too(tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "facades.tar.gz").write_bytes(GOOD)
    flag = f"--mirror=file://{tmp_path / 'mirror'}"
    assert main(["fetch", "facades", str(tmp_path / "out"), flag]) == 0
    assert contents(tmp_path / "out")["facades/val/2.jpg"] == b"two"


def test_offline_one_line_names_the_mirrors_and_what_would_work(tmp_path, capsys):
    assert main(["fetch", "facades", str(tmp_path), "--mirror=http://127.0.0.1:9"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: facades: no mirror has answered: http://127.0.0.1:9/facades")
    assert "prepare.py synth" in error
    assert error.count("\n") == 1


def test_a_checksum_is_held_against_the_archive(fetch, capsys):
    assert fetch("--sha256=" + "0" * 64) == 2
    assert "has the SHA-256" in capsys.readouterr().err
    assert fetch("--sha256=" + hashlib.sha256(GOOD).hexdigest()) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>moved</html>", "cannot be unpacked"),
        (GOOD[:-60], "cannot be unpacked"),
        (archive({"../outside.jpg": b"x"}), "outside of it"),
    ],
    # The archives hold the time, which must not be part of a test's name.
    ids=["a page", "a part", "paths out of it"],
)
def test_an_archive_that_is_none_leaves_no_data_set(
    fetch, server, tmp_path, capsys, content, message
):
    server.content = content
    assert fetch() == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "facades").exists()
    assert not (tmp_path.parent / "outside.jpg").exists()


def test_a_disk_that_is_full_is_no_fault_of_a_mirror(fetch, monkeypatch, capsys):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("input_fn.tools.fetch.download", fail)
    assert fetch("--mirror=http://127.0.0.1:9") == 1
    error = capsys.readouterr().err
    assert error.startswith("error: the disk is full (")
    assert "mirror" not in error
