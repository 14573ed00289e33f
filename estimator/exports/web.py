"""The generator as a page: a folder that any server of files can serve, with no other address."""

import os
import shutil
from collections import namedtuple

from estimator.errors import OptionsError
from estimator.exports.onnx_file import convert, require_packages
from estimator.exports.onnx_weights import store_weights
from estimator.exports.web_runtime import RUNTIME_FOLDER, copy_runtime, find_runtime
from estimator.extras import import_extra
from estimator.options import views
from estimator.page.data import look_at
from estimator.page.files import page_files
from estimator.trained.onnx_network import EXTRA
from estimator.trained.weights import freeze
from input_fn import MASK, memory_folder, write_bytes
from model_fn import describe_ends

MODEL_FILE = "model.onnx"
_FLAG = "--formats web"
# Of ONNX Runtime, whose own package of the browser has them not.
_LICENCES = ("LICENSE", "ThirdPartyNotices.txt")

WebParts = namedtuple("WebParts", ["seen", "runtime", "bits", "title"])
WebParts.__doc__ = """What a page has besides the network: `seen`, of the data; `runtime`, the
folder of the browser's runtime; `bits` of a stored weight; `title` of the page, or None."""


def find_web_parts(asked, options):
    """Finds what a page needs, before anything is written.

    Args:
        asked: The options of export.py.
        options: `Options` of the run.

    Returns:
        `WebParts`.

    Raises:
        DataError: The data cannot be read.
        OptionsError: Something is missing, or the network's inputs are none that a browser has.
    """
    require_packages(_FLAG)
    pair_format = views.pair_format(options)
    if pair_format.inputs:
        raise OptionsError(
            f"{_FLAG}: the network joins {len(pair_format.channels_of_input_files)} files to one "
            "input, and a page takes one picture; use another format"
        )
    if not pair_format.takes_picture:
        raise OptionsError(
            f"{_FLAG}: the network takes {pair_format.input_channels} channels, and pictures in a "
            "browser have 3, or 4 with --alpha=keep; use another format"
        )
    if pair_format.value_range is not None:
        raise OptionsError(
            f"{_FLAG}: the network was trained with --value_range, and pictures in a browser have "
            "8 bits; use another format"
        )
    if pair_format.nodata or pair_format.alpha == MASK:
        raise OptionsError(
            f"{_FLAG}: the network was trained with --nodata or --alpha=mask, and a page masks "
            "nothing; use another format"
        )
    seen = look_at(asked, pair_format)
    runtime = find_runtime(asked.ort_web, memory_folder(os.environ))
    return WebParts(seen, runtime, asked.web_bits, asked.page_title)


def write_models(folder, options, weights, note, bits):
    """Writes the network as the page has it, and with its weights whole to be checked before.

    Args:
        folder: Exists.
        options: `Options`.
        weights: From `load_weights`.
        note: Dict of what is baked in.
        bits: Of a stored weight.

    Returns:
        Paths of the whole model, which is to be removed, and of the page's.
    """
    graph_def = freeze(options, weights, batch_size=1)
    content = convert(graph_def, {**describe_ends(graph_def), **note})
    whole, stored = os.path.join(folder, f"whole-{MODEL_FILE}"), os.path.join(folder, MODEL_FILE)
    write_bytes(whole, content)
    write_bytes(stored, store_weights(content, bits, _FLAG))
    return whole, stored


def write_page(folder, parts, note, error):
    """Writes what is around the network, which is there already.

    Args:
        folder: Of the page.
        parts: `WebParts`.
        note: Dict of what is baked in.
        error: Dict of how far the network's output is from the checkpoint's.
    """
    engine = {
        "where": "browser",
        "model": MODEL_FILE,
        "bits": parts.bits,
        "bytes": os.path.getsize(os.path.join(folder, MODEL_FILE)),
        "runtime": copy_runtime(parts.runtime, folder),
    }
    for name, content in page_files(note, parts.seen, engine, parts.title, error).items():
        write_bytes(os.path.join(folder, name), content)
    package = os.path.dirname(import_extra("onnxruntime", EXTRA, _FLAG).__file__)
    for name in _LICENCES:
        if os.path.exists(os.path.join(package, name)):
            shutil.copyfile(os.path.join(package, name), os.path.join(folder, RUNTIME_FOLDER, name))
