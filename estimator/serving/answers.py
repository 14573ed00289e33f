"""What holds for every request: who may call, how errors are answered, what is counted."""

import asyncio
import sys
import traceback

from aiohttp import web

from estimator.serving.connections import error_response
from estimator.serving.refusals import RefusedError, busy

_WORDS = {404: "there is nothing at this address", 405: "this address does not take {method}"}
# The page has what it needs from here, and is no part of another's page; answers are not guessed to
# be of another type, nor read by other sites.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "pix2pix",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Ending:
    """Whether the server is about to end, and which requests it still has to answer.

    Attributes:
        begun: Whether it is: requests that come then are refused.
        requests: The number of those that are being answered.
    """

    def __init__(self):
        self.begun = False
        self.requests = 0


def make_middleware(callers, ending, count_request):
    """Makes what stands around all of the server's functions.

    Args:
        callers: `Callers`.
        ending: `Ending`.
        count_request: Function that is told the code of each answer.

    Returns:
        A middleware of aiohttp.
    """

    @web.middleware
    async def around(request, handler):
        request.protocol.take_request()
        ending.requests += 1
        try:
            response = await _answer(request, handler, callers, ending)
            count_request(response.status)
            response.headers.update(_HEADERS)
            if ending.begun or not request.content.is_eof():
                response.force_close()
            return response
        finally:
            ending.requests -= 1
            request.protocol.expect_request(answered=True)

    return around


async def _answer(request, handler, callers, ending):
    try:
        callers.check(request.headers.get("Host"), request.headers.get("Origin"))
        if ending.begun:
            raise busy("the server is about to end")
        return await handler(request)
    except RefusedError as refusal:
        return error_response(refusal.status, str(refusal), refusal.headers)
    except web.HTTPException as error:
        words = _WORDS.get(error.status, error.reason).format(method=request.method)
        allowed = error.headers.get("Allow")
        if allowed is None:
            return error_response(error.status, words)
        return error_response(error.status, f"{words}, but {allowed}", {"Allow": allowed})
    except asyncio.CancelledError:
        raise
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return error_response(500, "something went wrong here; the server's log says what")
