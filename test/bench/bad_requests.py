"""Requests that are to be refused, each with the code that is right for it; loopback only."""

import contextlib
import http.client
import socket
import struct
import zlib
from collections import namedtuple

HOST = "127.0.0.1"
SECONDS = 120
# The answer of one that hangs up itself: it does not wait for any.
NO_ANSWER = None

Bad = namedtuple("Bad", ["name", "status", "send"])
Bad.__doc__ = """A kind of bad requests: its name, the code that it is to get, or `NO_ANSWER`, and a
function of (port, picture) that sends one and returns the code."""


def bad_requests(max_body_bytes):
    """Lists all kinds.

    Args:
        max_body_bytes: The server's limit.

    Returns:
        List of `Bad`.
    """
    translate, predict = "/v1/translate", "/v1/models/pix2pix:predict"
    return [
        Bad("cut off by its client", NO_ANSWER, _cut_off),
        Bad("file cut off", 400, lambda port, picture: _post(port, translate, picture[:-200])),
        Bad("huge, by its length", 413, lambda port, _: _huge(port, max_body_bytes)),
        Bad("huge, in chunks", 413, lambda port, _: _chunks(port, max_body_bytes)),
        Bad("decompression bomb", 413, lambda port, _: _post(port, translate, _bomb())),
        Bad("wrong type", 415, lambda port, picture: _post(port, translate, picture, "text/html")),
        Bad("no picture", 400, lambda port, _: _post(port, translate, b"<html>" * 100)),
        Bad("empty", 400, lambda port, _: _post(port, translate, b"")),
        Bad("slow", 408, _slow),
        Bad("slow head", 408, _slow_head),
        Bad("wrong method", 405, lambda port, _: _ask(port, "PUT", translate)),
        Bad("unknown path", 404, lambda port, _: _ask(port, "GET", "/v2/translate")),
        Bad("traversal", 404, lambda port, _: _ask(port, "GET", "/../../../../etc/passwd")),
        Bad("coded traversal", 404, lambda port, _: _ask(port, "GET", "/%2e%2e/%2e%2e/etc/passwd")),
        Bad("wrong Host", 403, lambda port, _: _ask(port, "GET", "/", Host="evil.example")),
        Bad(
            "wrong Origin",
            403,
            lambda port, _: _ask(port, "GET", "/", Origin="http://evil.example"),
        ),
        Bad("no JSON", 400, lambda port, _: _post(port, predict, b"{")),
        Bad("deep JSON", 400, lambda port, _: _post(port, predict, b"[" * 10**5)),
        Bad("wrong shape", 400, lambda port, _: _post(port, predict, b'{"instances": [[1, 2]]}')),
        Bad("no HTTP", 400, lambda port, _: _raw(port, b"\x16\x03\x01 hello\r\n\r\n")),
    ]


def _ask(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status


def _post(port, path, body, kind="image/png"):
    return _ask(port, "POST", path, body, **{"Content-Type": kind})


def _huge(port, limit):
    return _raw(port, _head(100 * limit))


def _chunks(port, limit):
    part = bytes(2**16)
    return _ask(port, "POST", "/v1/translate", (part for _ in range(limit // len(part) + 2)))


def _cut_off(port, picture):
    with socket.create_connection((HOST, port), timeout=SECONDS) as connection:
        connection.sendall(_head(len(picture)) + picture[: len(picture) // 2])
    return NO_ANSWER


def _slow(port, picture):
    return _raw(port, _head(len(picture)) + picture[:10])


def _slow_head(port, _):
    return _raw(port, b"POST /v1/translate HTTP/1.1\r\nHost: loc")


def _head(length):
    return (
        f"POST /v1/translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    ).encode("ascii")


def _raw(port, content):
    """Sends bytes as they are, and reads the code of the answer."""
    with socket.create_connection((HOST, port), timeout=SECONDS) as connection:
        connection.sendall(content)
        with connection.makefile("rb") as file:
            line = file.readline().split()
            return int(line[1]) if len(line) > 1 else None


def _bomb():
    """A small PNG file of 30,000 x 30,000 pixels, all black."""

    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content) & 0xFFFFFFFF)
        return struct.pack(">I", len(content)) + kind + content + check

    side = 30000
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10**6)))
