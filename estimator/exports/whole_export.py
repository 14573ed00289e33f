"""Exporting a run's generator: the flags of export.py, the checks, the files' final names."""

import os
import shutil

from estimator.errors import RunError
from estimator.exports.formats import FORMATS, write_frozen, write_saved_model, write_tflite
from estimator.exports.parity import (
    difference_of_bytes,
    difference_of_graph,
    difference_of_saved_model,
    difference_of_tflite,
    reference,
)
from estimator.options import views
from estimator.options.flag_types import NOT_NEGATIVE, SWITCH, parse_choices, parse_size
from estimator.options.parsing import HelpFormatter, OneLineParser
from estimator.run.folder import latest_step
from estimator.trained.run_options import trained_options
from estimator.trained.weights import load_weights
from hooks import write_json_atomically

TOLERANCE = 1e-4
_ONE_LEVEL = 1.0  # Of 255: what rounding may turn 1e-4 into.


def build_export_parser():
    """Builds the parser of export.py."""
    parser = OneLineParser(
        prog="export.py",
        description="Exports a trained network, and checks each export against its checkpoint.",
        usage="export.py --checkpoint_dir DIR [--FLAG VALUE ...]",
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--checkpoint_dir", "--model_dir", required=True, metavar="DIR", help="a run's folder"
    )
    parser.add_argument(
        "--output", metavar="DIR", help="folder of the exports (default: CHECKPOINT_DIR/export)"
    )
    parser.add_argument(
        "--formats",
        type=parse_choices(FORMATS),
        metavar=",".join(FORMATS),
        default=",".join(FORMATS),
        help="which ones, separated by commas",
    )
    parser.add_argument(
        "--batch_size",
        **NOT_NEGATIVE,
        default=1,
        help="pictures at a time in the frozen graph and the TFLite file; 0: any number (TFLite: "
        "1). The SavedModel takes any number",
    )
    parser.add_argument(
        "--image_size",
        type=parse_size,
        metavar="SIZE",
        help="N or HxW (default: that of training)",
    )
    parser.add_argument(
        "--test_dropout",
        default=False,
        help="keep dropout on, with one draw of noise for all pictures",
        **SWITCH,
    )
    parser.add_argument("--seed", **NOT_NEGATIVE, help="of the dropout (default: the run's)")
    return parser


def parse_export_options(arguments):
    """Parses the command line of export.py.

    Args:
        arguments: List of strings, without the program's name.

    Returns:
        `argparse.Namespace`.

    Raises:
        OptionsError: A flag is unknown or malformed.
    """
    options = build_export_parser().parse_args(arguments)
    if options.output is None:
        options.output = os.path.join(options.checkpoint_dir, "export")
    return options


def export_all(options):
    """Writes and checks what was asked for; only then do the files get their final names.

    Args:
        options: From `parse_export_options`.

    Raises:
        OptionsError: There is no trained run, or its network cannot take the size.
        RunError: An export does not compute what the checkpoint does.
    """
    trained = trained_options(
        options.checkpoint_dir, options.image_size, options.test_dropout, options.seed
    )
    weights = load_weights(trained)
    step = latest_step(options.checkpoint_dir)
    # Beside the final names, so that renaming does not have to copy.
    workplace = os.path.join(options.output, f".partial-{os.getpid()}")
    os.makedirs(workplace)
    try:
        _export(options, trained, weights, step, workplace)
    finally:
        shutil.rmtree(workplace)


def _export(options, trained, weights, step, workplace):
    batch_size = options.batch_size or None
    note = {**views.frozen_note(trained, trained.test_dropout), "step": step}
    check = reference(trained, batch_size or 1)
    moves = []
    for name in options.formats:
        if name == "pb":
            path = os.path.join(workplace, f"model-{step}.pb")
            write_frozen(path, trained, weights, note, batch_size)
            _require(name, difference_of_graph(path, check))
            moves += [f"model-{step}.json", f"model-{step}.pb"]
        elif name == "saved_model":
            folder = os.path.join(workplace, "saved_model", str(step))
            write_saved_model(folder, trained, weights, note)
            _require(name, difference_of_saved_model(folder, check))
            levels = difference_of_bytes(folder, check)
            _require("saved_model, bytes", levels, _ONE_LEVEL, " of 255 levels")
            moves.append(os.path.join("saved_model", str(step)))
        else:
            path = os.path.join(workplace, f"model-{step}.tflite")
            described = write_tflite(path, trained, weights, batch_size or 1)
            _require(name, difference_of_tflite(path, check))
            write_json_atomically(f"{path}.json", {**described, **note})
            moves += [f"model-{step}.tflite.json", f"model-{step}.tflite"]
    for name in moves:
        target = os.path.join(options.output, name)
        _move(os.path.join(workplace, name), target, workplace)
        if not name.endswith(".json"):
            print(os.path.abspath(target), flush=True)


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
    if os.path.isdir(target):
        # A folder cannot be renamed onto another; the older one goes with the workplace.
        os.rename(target, os.path.join(workplace, f"older-{os.path.basename(target)}"))
    os.replace(source, target)
