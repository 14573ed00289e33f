"""stub"""
import os
FORMATS = ("pb", "saved_model", "tflite")
from estimator.options.flag_types import NOT_NEGATIVE, SWITCH, parse_choices, parse_size
from estimator.options.parsing import HelpFormatter, OneLineParser

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


