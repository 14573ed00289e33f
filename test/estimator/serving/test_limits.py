"""What is too large, too slow, too much or not HTTP: refused, and the server goes on."""

import concurrent.futures
import io
import json
import socket
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def narrow(serving, finished):
    """A server with narrow limits."""
    flags = ["--max_body_mb=0.1", "--max_megapixels=0.1", "--max_waiting=2", "--timeout_s=1"]
    with serving(f"--checkpoint_dir={finished[0]}", *flags) as running:
        yield running


@pytest.fixture(scope="module")
def picture():
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _goes_on(narrow, picture):
    yield
    assert narrow.translate(picture).status == 200
    assert narrow.process.poll() is None


def said_by(narrow, sent, then=b"", pause=0.0):
    """What a server answers to bytes, all of it, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", narrow.port), timeout=20) as connection:
        connection.sendall(sent)
        time.sleep(pause)
        if then:
            connection.sendall(then)
        with connection.makefile("rb") as file:
            return file.read()


def png_of_size(width, height):
    """A PNG file that says how large it is, and has no pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    length, check = struct.pack(">I", len(head)), struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + length + chunk + check + bytes(4) + b"IDAT" + bytes(4)


class TestSize:
    def test_a_body_that_is_too_large(self, narrow):
        answer = narrow.translate(bytes(200000))
        assert answer.status == 413
        assert "200000 bytes" in answer.error
        assert "--max_body_mb" in answer.error

    def test_one_that_does_not_say_how_large_it_is(self, narrow):
        parts = (bytes(10000) for _ in range(20))
        answer = narrow.translate(parts)
        assert answer.status == 413

    def test_who_asks_before_sending_it_is_told_at_once(self, narrow):
        head = b"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        said = said_by(narrow, head + b"Content-Length: 99999999\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 413 ")

    def test_who_asks_before_sending_what_is_taken_is_told_to_go_on(self, narrow, picture):
        head = b"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        head += b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(picture)
        said = said_by(narrow, head, then=picture, pause=0.2)
        assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")

    @pytest.mark.parametrize("size", [(400, 300), (60000, 60000), (2**31 - 1, 2**31 - 1)])
    def test_a_picture_of_too_many_pixels(self, narrow, size):
        answer = narrow.translate(png_of_size(*size))
        assert answer.status == 413, answer.body
        assert "pixels" in answer.error

    def test_an_array_of_too_many_pixels(self, narrow):
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            buffer, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6, 3)}
        )
        answer = narrow.translate(buffer.getvalue())
        assert answer.status == 413, answer.body
        assert "1000000x1000000" in answer.error

    def test_a_compressed_body_could_become_any_size(self, narrow, picture):
        answer = narrow.translate(zlib.compress(picture), **{"Content-Encoding": "deflate"})
        assert answer.status == 415
        assert "Content-Encoding" in answer.error

    def test_more_pictures_in_a_request_than_are_waited_for(self, narrow):
        question = {"signature_name": "encoded", "instances": [{"b64": "aGk="}] * 3}
        answer = narrow.predict(question)
        assert answer.status == 413, answer.body
        assert "--max_waiting" in answer.error


class TestTime:
    def test_a_body_that_does_not_come(self, narrow):
        head = b"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
        said = said_by(narrow, head + b"some")
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b"--timeout_s" in said

    @pytest.mark.parametrize("sent", [b"", b"GET /healthz HT"])
    def test_a_request_that_does_not_come(self, narrow, sent):
        begun = time.monotonic()
        said = said_by(narrow, sent)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert 0.5 < time.monotonic() - begun < 10

    def test_a_body_that_is_cut_off_is_nobodys_answer(self, narrow):
        head = b"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
        with socket.create_connection(("127.0.0.1", narrow.port)) as connection:
            connection.sendall(head + b"some")


class TestNumber:
    def test_more_than_are_waited_for_are_told_to_come_again(self, narrow, picture):
        head = b"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            slow = [pool.submit(said_by, narrow, head) for _ in range(2)]
            deadline = time.monotonic() + 5
            while b"waiting_pictures 2" not in narrow.ask("GET", "/metrics").body:
                assert time.monotonic() < deadline
            answer = narrow.translate(picture)
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "1"
            assert "--max_waiting" in answer.error
            assert all(each.result().startswith(b"HTTP/1.1 408 ") for each in slow)

    def test_connections_that_say_nothing_have_an_end(self, narrow):
        held = [socket.create_connection(("127.0.0.1", narrow.port)) for _ in range(12)]
        try:
            said = [connection.recv(1000)[:12] for connection in held]
        finally:
            for connection in held:
                connection.close()
        assert said.count(b"HTTP/1.1 503") == 4
        assert said.count(b"HTTP/1.1 408") == 8


class TestKind:
    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/json", "multipart/form-data; boundary=a"]
    )
    def test_another_type_than_a_picture(self, narrow, picture, kind):
        answer = narrow.translate(picture, **{"Content-Type": kind})
        assert answer.status == 415
        assert kind.split(";")[0] in answer.error

    @pytest.mark.parametrize(
        "kind", ["image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded"]
    )
    def test_what_a_picture_is_its_bytes_say(self, narrow, picture, kind):
        """Also what curl --data-binary says where it is not told."""
        assert narrow.translate(picture, **{"Content-Type": kind}).status == 200

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("GET", "/v1/translate", "POST"),
            ("DELETE", "/v1/translate", "POST"),
            ("GET", "/v1/models/pix2pix:predict", "POST"),
            ("POST", "/healthz", "GET,HEAD"),
            ("OPTIONS", "/v1/translate", "POST"),
        ],
    )
    def test_another_method(self, narrow, method, path, allowed):
        answer = narrow.ask(method, path)
        assert answer.status == 405
        assert answer.headers["Allow"] == allowed
        assert method in answer.error

    @pytest.mark.parametrize(
        "path",
        [
            "/nowhere",
            "/../../../etc/passwd",
            "/..%2f..%2fetc%2fpasswd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "//etc/passwd",
            "/page/../../serve.py",
            "/page.html%00.png",
            "/__init__.py",
        ],
    )
    def test_no_path_leads_anywhere_else(self, narrow, path):
        answer = narrow.ask("GET", path)
        assert answer.status == 404
        assert list(answer.json) == ["error"]

    @pytest.mark.parametrize(
        "sent",
        [
            b"GARBAGE\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 100000 + b"\r\n\r\n",
            b"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # The begin of a TLS connection.
        ],
    )
    def test_what_is_no_http(self, narrow, sent):
        head, _, body = said_by(narrow, sent).partition(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
        assert "no HTTP request" in json.loads(body.decode("utf-8"))["error"]


class TestCallers:
    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:80"])
    def test_names_of_this_machine(self, narrow, host):
        assert narrow.ask("GET", "/healthz", headers={"Host": host}).status == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "10.0.0.1", "localhost@evil.example", ""]
    )
    def test_another_name_may_point_here(self, narrow, host):
        answer = narrow.ask("GET", "/healthz", headers={"Host": host})
        assert answer.status == 403
        assert "--allowed_hosts" in answer.error

    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", ""]
    )
    def test_another_sites_page(self, narrow, picture, origin):
        answer = narrow.translate(picture, **{"Origin": origin})
        assert answer.status == 403
        assert "another site" in answer.error
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_its_own_page(self, narrow, picture):
        origin = f"http://127.0.0.1:{narrow.port}"
        assert narrow.translate(picture, **{"Origin": origin}).status == 200
