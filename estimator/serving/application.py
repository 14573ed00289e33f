"""The server's addresses, and what is done at each."""

import asyncio
import time

from aiohttp import web

from estimator.serving import tensorflow_serving
from estimator.serving.bodies import leave_waiting, read_body
from estimator.serving.metrics import CONTENT_TYPE
from estimator.serving.page import TRANSLATE
from estimator.serving.refusals import RefusedError

_TRUTH = {"true": True, "1": True, "false": False, "0": False}
# What a picture may be sent as; a form would hold it in a form's own way.
_PICTURE_TYPES = (
    "application/octet-stream",
    "application/x-npy",
    # What curl --data-binary says where it is not told.
    "application/x-www-form-urlencoded",
)


class Application:
    """What is done with requests.

    Args:
        options: `ServeOptions`.
        translation: `Translation`.
        waiting: `Waiting`.
        metrics: `Metrics`.
        files: Dict of address to `StaticFile`.
        step: Of the model; None where that is not known.
    """

    def __init__(self, options, translation, waiting, metrics, files, step):
        self._options = options
        self._translation = translation
        self._waiting = waiting
        self._metrics = metrics
        self._files = files
        self._version = str(step or 1)

    def build(self, middleware):
        """Makes the `web.Application`."""
        application = web.Application(middlewares=[middleware])
        model = f"/v1/models/{self._options.model_name}"
        version = f"{model}/versions/{self._version}"
        router = application.router
        # Bodies are asked for once it is known that they will be read.
        post = {"expect_handler": leave_waiting}
        router.add_post(TRANSLATE, self._translate, **post)
        for address in (model, version):
            router.add_post(f"{address}:predict", self._predict, **post)
            router.add_get(address, self._status)
            router.add_get(f"{address}/metadata", self._metadata)
        router.add_get("/healthz", self._health)
        router.add_get("/metrics", self._show_metrics)
        for address, file in self._files.items():
            router.add_get(address, _sender(file))
        return application

    async def _translate(self, request):
        """A picture's file to its translation's."""
        _require_picture_type(request)
        keep_size = _keep_size(request.query)

        async def work(body):
            prepared = await self._translation.prepare(body)
            output = await self._translation.translate(prepared.x)
            return await self._translation.present(prepared, output, keep_size)

        with self._waiting.place():
            content, kind = await self._within_limits(request, work)
        return web.Response(body=content, content_type=kind)

    async def _predict(self, request):
        """TensorFlow Serving's predictions."""
        with self._waiting.place():
            text = await self._within_limits(request, self._predict_all)
        return web.Response(text=text, content_type="application/json")

    async def _predict_all(self, body):
        translation = self._translation
        asked = await translation.apart(
            tensorflow_serving.parse_request, body, translation.pair_format
        )
        is_files = isinstance(asked.values[0], bytes)

        async def one(value):
            if not is_files:
                return await translation.translate(value)
            prepared = await translation.prepare_stored(value)
            output = await translation.translate(prepared.x)
            return (await translation.present(prepared, output))[0]

        with self._waiting.place(len(asked.values) - 1, held=1):
            outputs = await _all(map(one, asked.values))
            return await translation.apart(tensorflow_serving.format_answer, asked, outputs)

    async def _within_limits(self, request, work):
        """Reads a body and has it worked on, each within --timeout_s."""
        started = time.monotonic()
        seconds = self._options.timeout_s
        body = await read_body(request, self._options.max_body_mb, seconds)
        try:
            result = await asyncio.wait_for(work(body), seconds)
        except asyncio.TimeoutError:
            raise RefusedError(
                504, f"the translation took longer than {seconds:g} s (--timeout_s)"
            ) from None
        self._metrics.count_answer(time.monotonic() - started)
        return result

    async def _status(self, request):
        return web.json_response(tensorflow_serving.status_of(self._version))

    async def _metadata(self, request):
        metadata = tensorflow_serving.metadata_of(
            self._options.model_name, self._version, self._translation.pair_format
        )
        return web.json_response(metadata)

    async def _health(self, request):
        return web.json_response({"status": "ok"})

    async def _show_metrics(self, request):
        return web.Response(
            body=self._metrics.text().encode("utf-8"), headers={"Content-Type": CONTENT_TYPE}
        )


async def _all(steps):
    """Waits for all; at the first failure the others are given up."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _sender(file):
    async def send(request):
        headers = {"Content-Type": file.type, "Cache-Control": "no-cache"}
        return web.Response(body=file.content, headers=headers)

    return send


def _require_picture_type(request):
    """Refuses what was sent as something else than a picture; what it is, its bytes say."""
    if "Content-Type" not in request.headers:
        return
    kind = request.content_type
    if not kind.startswith("image/") and kind not in _PICTURE_TYPES:
        raise RefusedError(
            415,
            f"Content-Type {kind} is not taken; send the picture's bytes as image/png, image/jpeg "
            "or application/octet-stream",
        )


def _keep_size(query):
    for name in query:
        if name != "keep_size":
            raise RefusedError(400, f"{name[:40]!r} is no parameter; there is keep_size=true")
    text = query.get("keep_size", "false").lower()
    if text not in _TRUTH:
        raise RefusedError(400, f"keep_size={text[:40]!r} is no truth value; write true or false")
    return _TRUTH[text]
