"""The flags of import_model.py, and its options."""

from dataclasses import dataclass
from typing import Tuple

from estimator.options.flag_types import SIZE, SWITCH
from estimator.options.flags import Flag, FlagGroup, make_fields, make_parser

IMPORT_GROUPS = (
    FlagGroup(
        "import",
        (
            Flag(
                "from",
                "a .pth file of junyanz's program, or a checkpoint of affinelayer's: its folder or "
                "its path less extension",
                required=True,
                metavar="FILE|DIR",
            ),
            Flag(
                "checkpoint_dir",
                "folder of the run that is made; must not hold one",
                required=True,
                aliases=("model_dir",),
                metavar="DIR",
            ),
            Flag(
                "which_direction",
                "AtoB or BtoA: in testing on pairs, what is the input",
                computed="as options.json beside a checkpoint says, else AtoB",
                choices=("AtoB", "BtoA"),
            ),
            Flag(
                "fine_size",
                "size that the network sees: N or HxW",
                computed="256; of a smaller U-Net the least, 128 of unet_128",
                aliases=("image_size",),
                **SIZE,
            ),
            Flag(
                "lab_colorization",
                "the network makes colours a, b of Lab from the lightness L of photos",
                computed="as options.json beside a checkpoint says, else false",
                **SWITCH,
            ),
            Flag(
                "test_dropout",
                "keep dropout on in testing, with one draw of noise for all pictures",
                default=False,
                **SWITCH,
            ),
        ),
    ),
)


@dataclass(frozen=True)
class ImportOptions(make_fields("_ImportFields", IMPORT_GROUPS)):
    """The options of import_model.py, frozen. The fields are the flags, and the command line.

    Attributes:
        command: The arguments that it was started with.
    """

    command: Tuple[str, ...] = ()


def build_import_parser():
    """Builds the parser of import_model.py."""
    return make_parser(
        IMPORT_GROUPS,
        "Makes a run of the trained generator of another program.",
        "--from FILE --checkpoint_dir DIR [--FLAG VALUE ...]",
    )


def parse_import_options(arguments):
    """Parses the command line of import_model.py.

    Args:
        arguments: List of strings, without the program's name.

    Returns:
        `ImportOptions`.

    Raises:
        OptionsError: A flag is unknown or malformed.
    """
    values = vars(build_import_parser().parse_args(arguments))
    return ImportOptions(command=tuple(arguments), **values)
