"""The flags of export.py, and its options."""

import os

from estimator.devices.precision import CPU_BFLOAT16_MODES, EXPORT_MODES
from estimator.errors import OptionsError
from estimator.options.flag_types import (
    LATEST,
    NOT_NEGATIVE,
    SEED,
    SIZE,
    STEP,
    SWITCH,
    parse_bits,
    parse_choices,
)
from estimator.options.flags import Flag, FlagGroup, all_flags, make_fields, make_parser
from estimator.options.page_flags import page_group

# What --statistics may be.
OF_EACH, AS_INPUT = "own", "input"
FORMATS = ("pb", "saved_model", "tflite", "onnx", "web")
# What computes the network in browsers.
RUNTIME, RUNTIME_VERSION = "onnxruntime-web", "1.24.3"
# The others need packages that are not installed by default.
_DEFAULT_FORMATS = FORMATS[:3]
_IN_BFLOAT16 = ("pb", "saved_model")

_WEB_GROUPS = (
    page_group("page (--formats=web)"),
    FlagGroup(
        "model in the browser (--formats=web)",
        (
            Flag(
                "web_bits",
                "bits of each stored weight, 8 or 16; how far the output is from the checkpoint's "
                "is measured and said",
                default="8",
                type=parse_bits,
                metavar="8|16",
            ),
            Flag(
                "ort_web",
                f"the npm package {RUNTIME} {RUNTIME_VERSION}, a .tgz file or what it unpacks "
                "to; it is remembered",
                computed="what npm fetches, once",
                metavar="FILE|DIR",
            ),
        ),
    ),
)

EXPORT_GROUPS = (
    FlagGroup(
        "export",
        (
            Flag(
                "checkpoint_dir",
                "a run's folder",
                required=True,
                aliases=("model_dir",),
                metavar="DIR",
            ),
            Flag(
                "step",
                "which checkpoint is exported: the latest; the best that --keep_best kept; or that "
                "of step N",
                default=LATEST,
                **STEP,
            ),
            Flag(
                "output",
                "folder of the exports",
                computed="CHECKPOINT_DIR/export",
                metavar="DIR",
            ),
            Flag(
                "formats",
                "which ones, separated by commas, of pb, saved_model, tflite, onnx and web; the "
                "last two need the extra '.[onnx]'",
                default=",".join(_DEFAULT_FORMATS),
                type=parse_choices(FORMATS),
                metavar=",".join(FORMATS),
            ),
            Flag(
                "batch_size",
                "pictures at a time in the frozen graph, the ONNX file and the TFLite file; 0: any "
                "number (TFLite: 1). The SavedModel takes any number",
                default=1,
                **NOT_NEGATIVE,
            ),
            Flag(
                "fp16",
                "store the weights of the ONNX file as float16, which halves it; input, output and "
                "computation stay float32",
                default=False,
                **SWITCH,
            ),
            Flag(
                "precision_mode",
                "Ascend's names: " + ", ".join(EXPORT_MODES) + "; all but those of float32 have "
                "convolutions computed in bfloat16, in the frozen graph and the SavedModel",
                computed="float32",
                choices=EXPORT_MODES,
                metavar="MODE",
            ),
            Flag(
                "image_size",
                "N or HxW, another size that the network takes",
                computed="as trained",
                **SIZE,
            ),
            Flag(
                "test_dropout",
                "keep dropout on, with one draw of noise for all pictures",
                default=False,
                **SWITCH,
            ),
            Flag("seed", "of the dropout", computed="as trained", **SEED),
            Flag(
                "statistics",
                "whose mean and variance norms take: own: of each picture; input: those that are "
                "fed, by one more end of the frozen graph, as the tiles of a large picture share "
                "them (with --formats=pb and a --batch_size other than 1)",
                default=OF_EACH,
                choices=(OF_EACH, AS_INPUT),
            ),
            Flag(
                "ema_weights",
                "whether to use the average that --ema has made",
                computed="as trained",
                **SWITCH,
            ),
        ),
    ),
    *_WEB_GROUPS,
)


class ExportOptions(make_fields("_ExportFields", EXPORT_GROUPS)):
    """The options of export.py, frozen. The fields are the flags."""


def build_export_parser():
    """Builds the parser of export.py."""
    return make_parser(
        EXPORT_GROUPS,
        "Exports a trained network, and checks each export against its checkpoint.",
        "--checkpoint_dir DIR [--FLAG VALUE ...]",
    )


def parse_export_options(arguments):
    """Parses the command line of export.py.

    Args:
        arguments: List of strings, without the program's name.

    Returns:
        `ExportOptions`.

    Raises:
        OptionsError: A flag is unknown, malformed, or does not go with another.
    """
    values = vars(build_export_parser().parse_args(arguments))
    if values["output"] is None:
        values["output"] = os.path.join(values["checkpoint_dir"], "export")
    if "web" not in values["formats"]:
        for flag in all_flags(_WEB_GROUPS):
            if values[flag.field] != flag.value:
                raise OptionsError(
                    f"--{flag.name}: is for the page, and --formats has "
                    f"{', '.join(values['formats'])}; add web to them, or leave it out"
                )
    _check_precision(values["precision_mode"], values["formats"])
    if values["fp16"] and "onnx" not in values["formats"]:
        raise OptionsError(
            f"--fp16: is for the ONNX file, and --formats has {', '.join(values['formats'])}; add "
            "onnx to them, or leave it out"
        )
    if values["statistics"] == AS_INPUT:
        if values["formats"] != ("pb",):
            raise OptionsError(
                f"--statistics {AS_INPUT}: is for the frozen graph, and --formats has "
                f"{', '.join(values['formats'])}; use --formats=pb"
            )
        if values["batch_size"] == 1:
            raise OptionsError(
                f"--statistics {AS_INPUT}: several tiles share them, and --batch_size is 1; use "
                "--batch_size=0, for any number, or another one"
            )
    return ExportOptions(**values)


def _check_precision(mode, formats):
    others = [name for name in formats if name not in _IN_BFLOAT16]
    if mode in CPU_BFLOAT16_MODES and others:
        raise OptionsError(
            f"--precision_mode {mode}: {', '.join(others)} cannot be computed in bfloat16; use "
            f"--formats={','.join(_IN_BFLOAT16)}, or leave it out"
        )
