"""Bodies of requests: read up to a size, within a time."""

import asyncio

from aiohttp import web

from estimator.serving.refusals import RefusedError

_MEGABYTE = 10**6


async def leave_waiting(request):
    """Keeps aiohttp from asking for a body at once: `read_body` does when it is to come."""


async def read_body(request, max_megabytes, seconds):
    """Reads a request's body.

    Args:
        request: aiohttp's.
        max_megabytes: Its largest size.
        seconds: The longest that it may take to arrive.

    Returns:
        Bytes.

    Raises:
        RefusedError: 413, 408, 415 for a compressed body, or 400 for one that was cut off.
    """
    limit = int(max_megabytes * _MEGABYTE)
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        # A small body may become any number of bytes.
        raise RefusedError(415, f"Content-Encoding {encoding!r} is not taken; send it as it is")
    if (request.content_length or 0) > limit:
        raise _too_large(f"has {request.content_length} bytes", max_megabytes)
    if request.headers.get("Expect", "").lower() == "100-continue":
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        return await asyncio.wait_for(_read(request, limit, max_megabytes), seconds)
    except asyncio.TimeoutError:
        raise RefusedError(408, f"the body took longer than {seconds:g} s (--timeout_s)") from None
    except (web.RequestPayloadError, ConnectionError):
        raise RefusedError(400, "the body was cut off") from None


async def _read(request, limit, max_megabytes):
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > limit:
            raise _too_large("is larger", max_megabytes)
        parts.append(part)
    return b"".join(parts)


def _too_large(found, max_megabytes):
    return RefusedError(413, f"the body {found}, {max_megabytes:g} MB is the most (--max_body_mb)")
