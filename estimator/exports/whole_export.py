"""Exporting a run's generator: each format is checked before its files get their names."""

import os
import shutil
from collections import namedtuple

from estimator.errors import OptionsError, RunError
from estimator.exports.formats import takes_files, write_saved_model, write_tflite
from estimator.exports.onnx_file import require_packages, write_onnx
from estimator.exports.parity import (
    difference_of_bytes,
    difference_of_graph,
    difference_of_saved_model,
    difference_of_tflite,
    levels_apart,
    reference,
)
from estimator.exports.precision import ExportPrecision
from estimator.exports.web import find_web_parts, write_models, write_page
from estimator.options import views
from estimator.options.export_flags import AS_INPUT
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.note import make_note
from estimator.trained.run_options import trained_options
from estimator.trained.sources import note_of_onnx
from estimator.trained.weights import load_weights, write_frozen
from input_fn import leftovers, partial_path, remove_leftovers, write_json
from model_fn import NO_NORM

TOLERANCE = 1e-4
# Four of 255 levels of [-1, 1] at the worst pixel: weights lose all but 11 of their 24 bits.
HALF_TOLERANCE = 8 / 255
_OLDER = "older-"
_WEB = "web-"
_ONE_LEVEL = 1.0  # Of 255: what rounding may turn 1e-4 into.

_Job = namedtuple(
    "_Job",
    [
        "trained",
        "weights",
        "step",
        "note",
        "check",
        "batch_size",
        "half",
        "web_parts",
        "workplace",
        "given_statistics",
        "precision",
    ],
)
_Job.__doc__ = """What is exported: `Options`, the weights, their step, the note and `Reference`;
for how many pictures, None for any; whether in float16, where a format has that; `WebParts` if a
page is; where to; whether the frozen graph takes the statistics of its norms; and the
`ExportPrecision`."""


def export_all(options):
    """Writes and checks what was asked for; only then do the files get their final names.

    Args:
        options: From `parse_export_options`.

    Raises:
        OptionsError: There is no trained run, its network cannot take the size, packages for a
            format are missing, or nothing here computes in bfloat16.
        RunError: An export does not compute what the checkpoint does.
    """
    precision = ExportPrecision(options.precision_mode)
    if "onnx" in options.formats:
        require_packages()
    trained = trained_options(options)
    if options.statistics == AS_INPUT and trained.norm == NO_NORM:
        raise OptionsError(
            f"--statistics {AS_INPUT}: this network has no norms; leave it out, its tiles need no "
            "statistics"
        )
    web_parts = find_web_parts(options, trained) if "web" in options.formats else None
    weights = load_weights(trained)
    step = choose_checkpoint(trained).step
    _clear(options.output)
    # Beside the final names, so that renaming does not have to copy.
    workplace = partial_path(os.path.join(options.output, "export"))
    os.makedirs(workplace)
    try:
        _export(options, trained, weights, step, web_parts, workplace, precision)
    finally:
        shutil.rmtree(workplace)


def _clear(output):
    """Removes what killed exports have left, and puts back what they were about to replace."""
    for workplace in filter(os.path.isdir, leftovers(output)):
        for name in os.listdir(workplace):
            older = name[len(_OLDER) :]
            target = os.path.join(
                output, *([] if older.startswith(_WEB) else ["saved_model"]), older
            )
            if name.startswith(_OLDER) and not os.path.exists(target):
                os.rename(os.path.join(workplace, name), target)
    remove_leftovers(output)


def _export(options, trained, weights, step, web_parts, workplace, precision):
    batch_size = options.batch_size or None
    check = reference(trained, batch_size or 1)
    note = make_note(trained, step, precision.dtype)
    job = _Job(
        trained,
        weights,
        step,
        note,
        check,
        batch_size,
        options.fp16,
        web_parts,
        workplace,
        options.statistics == AS_INPUT,
        precision,
    )
    for name in [written for kind in options.formats for written in _WRITERS[kind](job)]:
        target = os.path.join(options.output, name)
        _move(os.path.join(workplace, name), target, workplace)
        if not name.endswith(".json"):
            print(os.path.abspath(target), flush=True)


def _write_pb(job):
    name = (
        f"model-{job.step}" + ("-statistics" if job.given_statistics else "") + job.precision.ending
    )
    path = os.path.join(job.workplace, f"{name}.pb")
    how = job.batch_size, job.given_statistics, job.precision.dtype
    write_frozen(path, job.trained, job.weights, job.step, *how)
    difference = difference_of_graph(path, job.check)
    _require("pb" + job.precision.words, difference, TOLERANCE + job.precision.tolerance)
    return [f"{name}.json", f"{name}.pb"]


def _write_saved_model(job):
    name = os.path.join("saved_model" + job.precision.ending, str(job.step))
    folder = os.path.join(job.workplace, name)
    write_saved_model(folder, job.trained, job.weights, job.note, job.precision.dtype)
    difference = difference_of_saved_model(folder, job.check)
    _require("saved_model" + job.precision.words, difference, TOLERANCE + job.precision.tolerance)
    _check_bytes(folder, job)
    return [name]


def _write_tflite(job):
    name = f"model-{job.step}.tflite"
    path = os.path.join(job.workplace, name)
    described = write_tflite(path, job.trained, job.weights, job.batch_size or 1)
    _require("tflite", difference_of_tflite(path, job.check))
    write_json(f"{path}.json", {**described, **job.note})
    return [f"{name}.json", name]


def _write_onnx(job):
    name = f"model-{job.step}.onnx"
    path = os.path.join(job.workplace, name)
    write_onnx(path, job.trained, job.weights, job.note, job.batch_size, job.half)
    difference = difference_of_graph(path, job.check)
    if job.half:
        advice = "; leave out --fp16"
        _require("onnx, float16 weights", difference, HALF_TOLERANCE, advice=advice)
    else:
        _require("onnx", difference)
    return [note_of_onnx(name), name]


def _write_web(job):
    name = f"{_WEB}{job.step}"
    folder = os.path.join(job.workplace, name)
    os.mkdir(folder)
    parts = job.web_parts
    whole, stored = write_models(folder, job.trained, job.weights, job.note, parts.bits)
    _require("web, weights of 32 bits", difference_of_graph(whole, job.check))
    os.remove(whole)
    pictures, source = parts.seen.inputs, f"inputs of {parts.seen.split}"
    if not len(pictures):
        pictures, source = job.check.pictures, "random pictures"
    mean, worst = levels_apart(stored, job.trained, pictures)
    print(
        f"web, weights of {parts.bits} bits: differs from the checkpoint by {mean:.2f} of 255 "
        f"levels in the mean, {worst:.0f} at worst ({len(pictures)} {source})",
        flush=True,
    )
    error = {"mean": mean, "worst": worst, "pictures": len(pictures), "of": source}
    write_page(folder, parts, job.note, error)
    return [name]


# Each writes a format into the workplace, checks it, and returns the names there that are to be
# moved to the output, notes first.
_WRITERS = {
    "pb": _write_pb,
    "saved_model": _write_saved_model,
    "tflite": _write_tflite,
    "onnx": _write_onnx,
    "web": _write_web,
}


def _check_bytes(folder, job):
    pair_format = views.pair_format(job.trained)
    if not takes_files(pair_format):
        reason = (
            f"the network joins {len(pair_format.channels_of_input_files)} files to one input"
            if pair_format.inputs
            else "PNG files do not hold "
            f"{pair_format.input_channels} channels in and {pair_format.output_channels} out"
        )
        print(
            f"saved_model: without the signature of encoded pictures, since {reason}",
            flush=True,
        )
        return
    pairs = os.path.join(job.workplace, "pairs")
    os.mkdir(pairs)
    levels = difference_of_bytes(folder, job.trained, pairs)
    most = _ONE_LEVEL + job.precision.tolerance_in_levels
    _require("saved_model, bytes" + job.precision.words, levels, most, " of 255 levels")


def _require(name, difference, tolerance=TOLERANCE, unit="", advice=""):
    """Prints how far an export is from the checkpoint, and raises if that is too far."""
    if not difference <= tolerance:  # NaN is too far as well.
        raise RunError(
            f"{name}: differs from the checkpoint by {difference:.2g}{unit}, more than "
            f"{tolerance:.2g}; nothing was exported{advice}"
        )
    print(f"{name}: differs from the checkpoint by {difference:.2g}{unit}", flush=True)


def _move(source, target, workplace):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.isdir(target):
        os.replace(source, target)
        return
    # A folder cannot be renamed onto another; the older one goes with the workplace.
    older = os.path.join(workplace, _OLDER + os.path.basename(target))
    os.rename(target, older)
    try:
        os.replace(source, target)
    except BaseException:
        os.rename(older, target)
        raise
