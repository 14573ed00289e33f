"""What the server shows: the page, its examples, and notes on the model, all made at the start.

No part of a request's address is ever looked for in the file system.
"""

import json
import mimetypes
import sys
from collections import namedtuple
from dataclasses import replace

from estimator.page.data import look_at
from estimator.page.files import page_files
from estimator.trained.note import noted_format
from input_fn import DataError

StaticFile = namedtuple("StaticFile", ["content", "type"])
StaticFile.__doc__ = """A file as it is sent: bytes, and their type."""

TRANSLATE = "/v1/translate"
NOTE = "/note.json"
_INDEX = "index.html"
_VERSION = 1
# Apart from the machine's own tables, which may know less.
_TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def static_files(options, predictor):
    """Makes all files that the server shows.

    Args:
        options: `ServeOptions`.
        predictor: `Predictor`.

    Returns:
        Dict of address to `StaticFile`.

    Raises:
        DataError: The data of `--data_path`, of which the page has examples, cannot be read.
        OptionsError: The palette cannot be read.
    """
    pair_format = predictor.pair_format
    note = {"pair_format": noted_format(pair_format), "step": predictor.note.step}
    engine = {"where": "server", "address": TRANSLATE[1:]}
    seen = _seen(options, pair_format)
    files = page_files(note, seen, engine, options.page_title)
    files[NOTE[1:]] = json.dumps(_model_note(options, predictor, note)).encode("utf-8")
    found = {f"/{name}": StaticFile(content, _type(name)) for name, content in files.items()}
    return {"/": found[f"/{_INDEX}"], **found}


def _seen(options, pair_format):
    """Looks at the data; those of the run may have changed since, and are not needed to serve."""
    try:
        return look_at(options, pair_format)
    except DataError as error:
        if options.data_path is not None:
            raise
        print(f"the page has no examples: {error}", file=sys.stderr, flush=True)
        return look_at(replace(options, checkpoint_dir=None), pair_format)


def _model_note(options, predictor, note):
    """Says what a program has to know of the model and of how it is called."""
    return {
        "version": _VERSION,
        "model": options.model_name,
        **note,
        "kinds": sorted(predictor.kinds),
        "fit": options.fit,
        "channels": predictor.shown_channels,
        "translate": TRANSLATE[1:],
        "max_body_mb": options.max_body_mb,
        "max_megapixels": options.max_megapixels,
    }


def _type(name):
    kind = _TYPES.get(name.rsplit(".", 1)[-1]) or mimetypes.guess_type(name)[0]
    return f"{kind}; charset=utf-8" if kind.startswith(("text/", "application/json")) else kind
