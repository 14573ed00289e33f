"""Exporting a run's generator: each format is checked before its files get their names."""

import os
import shutil

from estimator.errors import RunError
from estimator.exports.formats import takes_files, write_saved_model, write_tflite
from estimator.exports.parity import (
    difference_of_bytes,
    difference_of_graph,
    difference_of_saved_model,
    difference_of_tflite,
    reference,
)
from estimator.options import views
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.note import make_note
from estimator.trained.run_options import trained_options
from estimator.trained.weights import load_weights, write_frozen
from input_fn import leftovers, partial_path, remove_leftovers, write_json

TOLERANCE = 1e-4
_OLDER = "older-"
_ONE_LEVEL = 1.0  # Of 255: what rounding may turn 1e-4 into.


def export_all(options):
    """Writes and checks what was asked for; only then do the files get their final names.

    Args:
        options: From `parse_export_options`.

    Raises:
        OptionsError: There is no trained run, or its network cannot take the size.
        RunError: An export does not compute what the checkpoint does.
    """
    trained = trained_options(options)
    weights = load_weights(trained)
    step = choose_checkpoint(trained).step
    _clear(options.output)
    # Beside the final names, so that renaming does not have to copy.
    workplace = partial_path(os.path.join(options.output, "export"))
    os.makedirs(workplace)
    try:
        _export(options, trained, weights, step, workplace)
    finally:
        shutil.rmtree(workplace)


def _clear(output):
    """Removes what killed exports have left, and puts back what they were about to replace."""
    for workplace in filter(os.path.isdir, leftovers(output)):
        for name in os.listdir(workplace):
            target = os.path.join(output, "saved_model", name[len(_OLDER) :])
            if name.startswith(_OLDER) and not os.path.exists(target):
                os.rename(os.path.join(workplace, name), target)
    remove_leftovers(output)


def _export(options, trained, weights, step, workplace):
    batch_size = options.batch_size or None
    note = make_note(trained, step)
    check = reference(trained, batch_size or 1)
    moves = []
    for name in options.formats:
        if name == "pb":
            path = os.path.join(workplace, f"model-{step}.pb")
            write_frozen(path, trained, weights, step, batch_size)
            _require(name, difference_of_graph(path, check))
            moves += [f"model-{step}.json", f"model-{step}.pb"]
        elif name == "saved_model":
            folder = os.path.join(workplace, "saved_model", str(step))
            write_saved_model(folder, trained, weights, note)
            _require(name, difference_of_saved_model(folder, check))
            _check_bytes(folder, trained, workplace)
            moves.append(os.path.join("saved_model", str(step)))
        else:
            path = os.path.join(workplace, f"model-{step}.tflite")
            described = write_tflite(path, trained, weights, batch_size or 1)
            _require(name, difference_of_tflite(path, check))
            write_json(f"{path}.json", {**described, **note})
            moves += [f"model-{step}.tflite.json", f"model-{step}.tflite"]
    for name in moves:
        target = os.path.join(options.output, name)
        _move(os.path.join(workplace, name), target, workplace)
        if not name.endswith(".json"):
            print(os.path.abspath(target), flush=True)


def _check_bytes(folder, trained, workplace):
    if not takes_files(views.pair_format(trained)):
        print(
            "saved_model: without the signature of encoded pictures, since PNG files do not hold "
            f"{trained.input_nc} channels in and {trained.output_nc} out",
            flush=True,
        )
        return
    pairs = os.path.join(workplace, "pairs")
    os.mkdir(pairs)
    levels = difference_of_bytes(folder, trained, pairs)
    _require("saved_model, bytes", levels, _ONE_LEVEL, " of 255 levels")


def _require(name, difference, tolerance=TOLERANCE, unit=""):
    """Prints how far an export is from the checkpoint, and raises if that is too far."""
    if not difference <= tolerance:  # NaN is too far as well.
        raise RunError(
            f"{name}: differs from the checkpoint by {difference:.2g}{unit}, more than "
            f"{tolerance:g}; nothing was exported"
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
