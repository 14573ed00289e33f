"""Connections: how many at a time, how long without a request, and answers to what is no HTTP."""

import asyncio
import json
import weakref

from aiohttp import web

# For each picture that may be waited for there may be as many more connections that say nothing.
_FOR_EACH_PICTURE = 4
_LINGERING_SECONDS = 5.0  # For a body that is not wanted to come to its end.


def connection_factory(server, max_waiting, idle_seconds, count_request):
    """Makes what asyncio calls for each new connection.

    Args:
        server: aiohttp's `web.Server`.
        max_waiting: The most pictures that are waited for at a time.
        idle_seconds: After so long without a request, a connection is closed.
        count_request: Function that is told the code of each answer that is given here.

    Returns:
        Function without arguments, to be called within the event loop.
    """
    limit = _FOR_EACH_PICTURE * max_waiting
    loop = asyncio.get_event_loop()
    # `server.connections` has those that have begun; many may be taken before the first begins.
    opened = weakref.WeakSet()

    def make():
        if len(opened) >= limit:
            return _TurnedAway(count_request)
        connection = Connection(
            server,
            idle_seconds,
            count_request,
            opened.discard,
            loop=loop,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=2 * idle_seconds,  # Ours comes first, and says why.
            lingering_time=min(_LINGERING_SECONDS, idle_seconds),
        )
        opened.add(connection)
        return connection

    return make


class Connection(web.RequestHandler):
    """aiohttp's connection, with a limit on how long its client may say nothing.

    aiohttp waits for ever for the head of a first request, and for a client to take its answer.

    Args:
        server: aiohttp's `web.Server`.
        idle_seconds: The limit.
        count_request: Function that is told the code of each answer that is given here.
        ended: Function that is told of the connection once it has ended.
        settings: As of `web.RequestHandler`.
    """

    def __init__(self, server, idle_seconds, count_request, ended, **settings):
        super().__init__(server, **settings)
        self._count_request = count_request
        self._ended = ended
        self._idle_seconds = idle_seconds
        self._timer = None
        self._answered = False

    def connection_made(self, transport):
        """Begins to wait for a request."""
        super().connection_made(transport)
        self.expect_request()

    def connection_lost(self, exc):
        """Ends."""
        self.take_request()
        self._ended(self)
        super().connection_lost(exc)

    def take_request(self):
        """Stops waiting: a request has come."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def expect_request(self, answered=False):
        """Waits for a next request, and until then for the client to take the last one's answer."""
        self._answered = answered
        self._timer = asyncio.get_event_loop().call_later(self._idle_seconds, self._give_up)

    def handle_error(self, request, status=500, exc=None, message=None):
        """Answers what is no HTTP, as all errors are answered."""
        self._count_request(status)
        # Newer versions put the parser's view of the bytes below the first line.
        reason = str(message or exc or "").strip().split("\n", maxsplit=1)[0]
        response = error_response(status, f"this is no HTTP request that is understood: {reason}")
        response.force_close()
        return response

    def _give_up(self):
        transport = self.transport
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.abort()  # To close it would wait until what was written is taken.
            return
        if not self._answered:
            self._count_request(408)
            message = f"no request within {self._idle_seconds:g} s (--timeout_s)"
            transport.write(_raw("408 Request Timeout", message))
        transport.close()


class _TurnedAway(asyncio.Protocol):
    """A connection that is one too many."""

    def __init__(self, count_request):
        self._count_request = count_request

    def connection_made(self, transport):
        self._count_request(503)
        transport.write(_raw("503 Service Unavailable", "too many connections; try again later"))
        transport.close()


def error_response(status, message, headers=None):
    """Makes the answer to a request that is not carried out: {"error": message}."""
    return web.json_response({"error": message}, status=status, headers=headers)


def _raw(status, message):
    body = json.dumps({"error": message}).encode("utf-8")
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
