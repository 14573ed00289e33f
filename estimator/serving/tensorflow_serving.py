"""TensorFlow Serving's REST interface as functions of values: what is asked, what is answered.

A request has a signature's inputs in row format, `instances`, or in column format, `inputs`; the
answer has the same format. Strings of bytes are {"b64": text}. See "RESTful API" in TensorFlow
Serving's documentation.
"""

import base64
import binascii
import json
from collections import namedtuple

import numpy as np

from estimator.exports.formats import BYTES_INPUT, BYTES_OUTPUT, BYTES_SIGNATURE, takes_files
from estimator.serving.refusals import RefusedError
from estimator.trained.sources import SIGNATURE
from model_fn import INPUT, OUTPUT

Signature = namedtuple("Signature", ["name", "input", "output"])
Signature.__doc__ = """A signature: its name, and those of its one input and its one output."""

Request = namedtuple("Request", ["signature", "rows", "values"])
Request.__doc__ = """What is asked: the `Signature`; whether in row format; and the pictures, a list
of float32 [height, width, channels], or of the bytes of files."""

_FLOATS = Signature(SIGNATURE, INPUT, OUTPUT)
_FILES = Signature(BYTES_SIGNATURE, BYTES_INPUT, BYTES_OUTPUT)
_BASE64 = "b64"


def signatures_of(pair_format):
    """Lists the signatures of a model, those that export.py gives its SavedModel; by name."""
    found = [_FLOATS, _FILES] if takes_files(pair_format) else [_FLOATS]
    return {each.name: each for each in found}


def parse_request(body, pair_format):
    """Reads the body of a request for predictions.

    Args:
        body: Bytes.
        pair_format: The model's `PairFormat`.

    Returns:
        `Request`.

    Raises:
        RefusedError: 400; the message says what was found.
    """
    content = _parse_json(body)
    signatures = signatures_of(pair_format)
    name = content.get("signature_name") or SIGNATURE
    if not isinstance(name, str) or name not in signatures:
        raise RefusedError(
            400, f"signature_name {name!r} is none; the model has {', '.join(signatures)}"
        )
    signature = signatures[name]
    given = [key for key in ("instances", "inputs") if key in content]
    if len(given) != 1:
        raise RefusedError(400, f"has {' and '.join(given) or 'neither'}; give instances or inputs")
    rows = given == ["instances"]
    values = _unpacked(content[given[0]], signature, rows)
    if not isinstance(values, list) or not values:
        raise RefusedError(400, f"{given[0]}: is no list of pictures")
    if signature == _FILES:
        return Request(signature, rows, [_decoded(value, given[0]) for value in values])
    return Request(signature, rows, _arrays(values, pair_format, given[0]))


def format_answer(request, outputs):
    """Writes the answer to a request.

    Args:
        request: `Request`.
        outputs: For each picture, float32 [height, width, channels], or the bytes of a file.

    Returns:
        Text, JSON.
    """
    if request.signature == _FILES:
        listed = [{_BASE64: base64.b64encode(output).decode("ascii")} for output in outputs]
    else:
        listed = [output.tolist() for output in outputs]
    return json.dumps({"predictions" if request.rows else "outputs": listed})


def status_of(version):
    """Says that the one version of the model is there."""
    status = {"error_code": "OK", "error_message": ""}
    return {"model_version_status": [{"version": version, "state": "AVAILABLE", "status": status}]}


def metadata_of(name, version, pair_format):
    """Describes the model's signatures.

    Args:
        name: The model's.
        version: Text.
        pair_format: The model's `PairFormat`.

    Returns:
        Dict that JSON can hold.
    """
    channels = {INPUT: pair_format.input_channels, OUTPUT: pair_format.output_channels}

    def described(end):
        if end in channels:
            return _tensor(end, "DT_FLOAT", [-1, *pair_format.fine_size, channels[end]])
        return _tensor(end, "DT_STRING", [-1])

    described_signatures = {
        each.name: {
            "inputs": {each.input: described(each.input)},
            "outputs": {each.output: described(each.output)},
            "method_name": "tensorflow/serving/predict",
        }
        for each in signatures_of(pair_format).values()
    }
    return {
        "model_spec": {"name": name, "signature_name": "", "version": version},
        "metadata": {"signature_def": {"signature_def": described_signatures}},
    }


def _tensor(name, kind, shape):
    sides = [{"size": str(side), "name": ""} for side in shape]
    return {
        "dtype": kind,
        "tensor_shape": {"dim": sides, "unknown_rank": False},
        "name": f"{name}:0",
    }


def _parse_json(body):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    try:
        content = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"the body is no JSON that can be read ({error})") from None
    if not isinstance(content, dict):
        raise RefusedError(400, 'the body is no JSON object; send {"instances": [...]}')
    return content


def _unpacked(values, signature, rows):
    """Takes away the name of the one input, which may be left out."""
    if not rows:
        return _without_name(values, signature)
    if isinstance(values, list):
        return [_without_name(value, signature) for value in values]
    return values


def _without_name(value, signature):
    if not isinstance(value, dict) or _BASE64 in value:
        return value
    if set(value) != {signature.input}:
        raise RefusedError(
            400,
            f"{signature.name} has one input, {signature.input}; found {sorted(value)[:4]}",
        )
    return value[signature.input]


def _decoded(value, key):
    try:
        return base64.b64decode(value[_BASE64], validate=True)
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise RefusedError(
            400, f'{key}: files are written as {{"b64": "..."}}, in base64'
        ) from None


def _arrays(values, pair_format, key):
    wanted = (*pair_format.fine_size, pair_format.input_channels)
    arrays = []
    for value in values:
        try:
            array = np.asarray(value)
        except ValueError:  # Of rows that are not of one length; older versions of NumPy take them.
            array = np.array(None)
        if array.dtype.kind not in "iuf" or array.shape != wanted:
            found = f"shape {array.shape}" if array.dtype.kind in "iuf" else "something else"
            raise RefusedError(
                400,
                f"{key}: a picture is numbers of shape {wanted} (height, width, channels) in "
                f"[-1, 1]; found {found}",
            )
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
        if not np.isfinite(array).all():
            raise RefusedError(400, f"{key}: has numbers that are too large for float32")
        arrays.append(array)
    return arrays
