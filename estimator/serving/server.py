"""The server's life: address, model, requests, a good end."""

import asyncio
import contextlib
import time

import numpy as np
from aiohttp import web

from estimator.options.flag_types import size_text
from estimator.serving.answers import Ending, make_middleware
from estimator.serving.application import Application
from estimator.serving.batching import Batcher
from estimator.serving.callers import callers_of
from estimator.serving.connections import connection_factory
from estimator.serving.metrics import Metrics
from estimator.serving.page import static_files
from estimator.serving.sockets import address_of, bind, listen
from estimator.serving.translation import Translation
from estimator.serving.waiting import Waiting
from estimator.trained.opening import open_predictor
from estimator.trained.output_files import encode_png
from estimator.trained.predictor import Prepared
from input_fn import PNG

_POLL_SECONDS = 0.1
_CLOSING_SECONDS = 2.0  # For clients to take what was written to them.


def serve(options, interruption):
    """Serves a model until a signal asks it to end; then answers what has come in.

    Args:
        options: `ServeOptions`.
        interruption: `Interruption`, which is listening.

    Raises:
        OptionsError: The model cannot be used, or the address not be had.
        RunError: The memory does not suffice.
    """
    with contextlib.ExitStack() as stack:
        # Taken first, since loading a model takes long.
        bound = stack.enter_context(bind(options.host, options.port))
        predictor = stack.enter_context(open_predictor(options, options.max_batch))
        files = static_files(options, predictor)
        # A graph of a fixed number of pictures takes that many, whatever it gets.
        max_batch = predictor.batch_size or options.max_batch
        _warm_up(predictor, max_batch)
        # For a network that hangs; what is at work is not cut short otherwise.
        patience = 2 * options.timeout_s + _CLOSING_SECONDS
        stack.enter_context(
            interruption.deferred("ending: what has come in is answered first", patience)
        )
        asyncio.run(_serve(options, predictor, max_batch, files, bound, interruption))


def _warm_up(predictor, max_batch):
    """Has all be done once that otherwise the first requests would wait for."""
    known = predictor.pair_format
    for number in sorted({1, max_batch}):
        pictures = np.zeros([number, *known.fine_size, known.input_channels], np.float32)
        outputs = predictor.translate(pictures)
    if PNG in predictor.kinds:
        predictor.prepare(encode_png(np.zeros([*known.fine_size, 3], np.uint8)))
    for keep_size in (False, True):
        predictor.present(Prepared(pictures[0], known.fine_size), outputs[0], keep_size)


async def _serve(options, predictor, max_batch, files, bound, interruption):
    waiting = Waiting(options.max_waiting)
    metrics = Metrics(lambda: waiting.pictures)
    batcher = Batcher(predictor.translate, max_batch, metrics.count_batch)
    translation = Translation(predictor, batcher, options.max_megapixels)
    ending = Ending()
    callers = callers_of(options.host, options.allowed_hosts)
    middleware = make_middleware(callers, ending, metrics.count_request)
    application = Application(options, translation, waiting, metrics, files, predictor.note.step)
    runner = web.AppRunner(application.build(middleware), access_log=None)
    await runner.setup()
    make_connection = connection_factory(
        runner.server, options.max_waiting, options.timeout_s, metrics.count_request
    )
    listen(bound, options.host, options.port)
    server = await asyncio.get_event_loop().create_server(make_connection, sock=bound)
    print(f"{_described(options, predictor)}: {address_of(bound)}", flush=True)
    try:
        while interruption.number is None:
            await asyncio.sleep(_POLL_SECONDS)
        ending.begun = True
        server.close()
        await _answered(ending, 2 * options.timeout_s)
    finally:
        await runner.server.shutdown(_CLOSING_SECONDS)
        await runner.cleanup()
        await translation.close()


async def _answered(ending, seconds):
    deadline = time.monotonic() + seconds
    while ending.requests and time.monotonic() < deadline:
        await asyncio.sleep(_POLL_SECONDS)


def _described(options, predictor):
    model = options.checkpoint_dir or options.graph or options.saved_model
    step = "" if predictor.note.step is None else f", step {predictor.note.step}"
    known = predictor.pair_format
    channels = f"{known.input_channels} to {predictor.shown_channels} channels"
    return f"serving {model}{step}, {size_text(known.fine_size)}, {channels}"
