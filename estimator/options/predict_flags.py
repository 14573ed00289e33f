"""The flags of predict.py, and its options."""

from estimator.devices.precision import MODES
from estimator.errors import OptionsError
from estimator.options.flag_types import NOT_NEGATIVE, POSITIVE, SEED, SIZE, STEP, SWITCH
from estimator.options.flags import Flag, FlagGroup, all_flags, make_fields, make_parser

# What --fit may be, and what of input_fn.FITS it means; None: as the run's --resize says.
FITS_BY_FLAG = {"trained": None, "resize": "stretch", "pad": "mirror"}
_OF_CHECKPOINTS = ("step", "image_size", "test_dropout", "seed", "ema_weights", "precision_mode")
# Of --input and --output: the standard input and output.
STREAM = "-"
# What --tile_statistics may be.
SHARED, OWN = "shared", "own"
# What --georeference may be.
KEEP, REQUIRE, DROP = "keep", "require", "drop"

_TILES = FlagGroup(
    "tiles",
    (
        Flag(
            "tile",
            "translate large pictures tile by tile, at their own size: a tile has the network's; "
            "the same command again goes on where it was stopped",
            default=False,
            **SWITCH,
        ),
        Flag(
            "overlap",
            "pixels that neighbouring tiles share and are blended over, at most half a tile",
            computed="a quarter of a tile, at most 64",
            **NOT_NEGATIVE,
        ),
        Flag(
            "tile_statistics",
            "what norms take mean and variance of: shared: of some tiles of the picture, for all; "
            "own: of each tile, which leaves seams",
            default=SHARED,
            choices=(SHARED, OWN),
        ),
        Flag(
            "tile_sample",
            "tiles, spread over the picture, that the shared statistics are of; they are in memory "
            "together",
            default=16,
            **POSITIVE,
        ),
    ),
)

PREDICT_GROUPS = (
    FlagGroup(
        "pictures (exactly one of these)",
        (
            Flag(
                "input",
                "a file, a folder, a pattern such as 'photos/**/*.jpg', or - for the standard "
                "input; JPEG, PNG, GIF, BMP, TIFF, WebP or .npy, of any size; of a network that "
                "joins several inputs NAME=DIR, once for each",
                metavar="FILE|DIR|GLOB|-",
                repeated=True,
            ),
            Flag(
                "watch",
                "a folder: translates what is in it and what arrives in it, until Ctrl-C",
                metavar="DIR",
            ),
        ),
        exclusive=True,
    ),
    FlagGroup(
        "results",
        (
            Flag(
                "output",
                "folder of the results, which keep the pictures' names: PNG files; beside them "
                ".npy files for what PNG cannot hold, and TIFF files where the inputs are such; "
                "for one picture also FILE.png, or - for the standard output",
                required=True,
                metavar="DIR|FILE.png|-",
            ),
            Flag(
                "georeference",
                "where on Earth a GeoTIFF file lies: keep: said by the result's tags as well; "
                "require: likewise, and inputs that do not say it are refused; drop: not said",
                default=KEEP,
                choices=(KEEP, REQUIRE, DROP),
            ),
        ),
    ),
    FlagGroup(
        "model (exactly one of these)",
        (
            Flag(
                "checkpoint_dir",
                "a run's folder",
                aliases=("model_dir",),
                metavar="DIR",
            ),
            Flag(
                "graph",
                "a frozen graph, .pb, with its note .json beside it, or an ONNX file, .onnx, which "
                "has its note in it",
                aliases=("onnx",),
                metavar="FILE",
            ),
            Flag("saved_model", "folder of a SavedModel, or of numbered ones", metavar="DIR"),
        ),
        exclusive=True,
    ),
    FlagGroup(
        "translation",
        (
            Flag(
                "step",
                "with --checkpoint_dir: which checkpoint: the latest; the best that --keep_best of "
                "train.py kept; or that of step N",
                computed="the latest",
                **STEP,
            ),
            Flag(
                "fit",
                "how a picture gets the network's size: trained: as the run's --resize says; "
                "resize: stretched; pad: keeps its shape, continued by its mirror image, which is "
                "cut off again",
                default="trained",
                choices=tuple(FITS_BY_FLAG),
            ),
            Flag("keep_size", "scale each result to the size of its picture", False, **SWITCH),
            Flag(
                "batch_size",
                "pictures at a time; results do not depend on it (but for rounding, by at most "
                "1 of 255 levels)",
                default=1,
                **POSITIVE,
            ),
            Flag(
                "image_size",
                "with --checkpoint_dir: N or HxW, another size that the network takes",
                computed="as trained",
                **SIZE,
            ),
            Flag(
                "test_dropout",
                "with --checkpoint_dir: whether dropout is on",
                computed="as trained",
                **SWITCH,
            ),
            Flag(
                "seed",
                "with --checkpoint_dir: of the dropout",
                computed="as trained",
                **SEED,
            ),
            Flag(
                "ema_weights",
                "with --checkpoint_dir: whether to use the average that --ema has made",
                computed="as trained",
                **SWITCH,
            ),
            Flag(
                "device",
                "auto: the GPU, if there is one, for an ONNX file the CPU; cpu; or npu, where "
                "convolutions are float16",
                default="auto",
                choices=("auto", "cpu", "npu"),
            ),
            Flag(
                "precision_mode",
                "with --checkpoint_dir: as of train.py, " + ", ".join(MODES),
                computed="allow_mix_precision on NPUs, float32 elsewhere",
                choices=MODES,
                metavar="MODE",
            ),
        ),
    ),
    _TILES,
)


class PredictOptions(make_fields("_PredictFields", PREDICT_GROUPS)):
    """The options of predict.py, frozen. The fields are the flags."""


def build_predict_parser():
    """Builds the parser of predict.py."""
    return make_parser(
        PREDICT_GROUPS,
        "Translates single pictures with a trained network. Targets are not needed.",
        "(--input PATH | --watch DIR) --output DIR "
        "(--checkpoint_dir DIR | --graph FILE | --saved_model DIR) [--FLAG VALUE ...]",
    )


def parse_predict_options(arguments):
    """Parses the command line of predict.py.

    Args:
        arguments: List of strings, without the program's name.

    Returns:
        `PredictOptions`.

    Raises:
        OptionsError: A flag is unknown, malformed, or does not go with another.
    """
    options = PredictOptions(**vars(build_predict_parser().parse_args(arguments)))
    require_checkpoint(options)
    _check_georeference(options)
    _check_tiles(options)
    return options


def _check_georeference(options):
    if options.georeference != REQUIRE:
        return
    if options.watch is not None:
        raise OptionsError(
            f"--georeference {REQUIRE}: does not go with --watch {options.watch}, whose pictures "
            "are not there yet; use --input"
        )
    if STREAM in (*options.input, options.output):
        raise OptionsError(
            f"--georeference {REQUIRE}: is for files, not pipes; name files or folders"
        )


def _check_tiles(options):
    if not options.tile:
        for flag in all_flags([_TILES]):
            if getattr(options, flag.field) != flag.value:
                raise OptionsError(f"--{flag.name}: is for tiles; add --tile, or leave it out")
        return
    if options.watch is not None:
        raise OptionsError(f"--tile: does not go with --watch {options.watch}; use --input")
    if STREAM in (*(options.input or ()), options.output):
        raise OptionsError("--tile: reads and writes files, not pipes; name files or folders")
    if options.fit != "trained":
        raise OptionsError(
            f"--tile: pictures keep their size, --fit {options.fit} would change it; leave one out"
        )


def require_checkpoint(options):
    """Refuses the flags of checkpoints where the model is an export.

    Args:
        options: Those of predict.py or serve.py.

    Raises:
        OptionsError: One is given, and `checkpoint_dir` is not.
    """
    if options.checkpoint_dir is None:
        for name in _OF_CHECKPOINTS:
            if getattr(options, name) is not None:
                raise OptionsError(
                    f"--{name}: is baked into an exported model; leave it out, or use "
                    "--checkpoint_dir"
                )
