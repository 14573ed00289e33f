"""stub"""
from estimator.errors import OptionsError
from estimator.options.flag_types import NOT_NEGATIVE, POSITIVE, SWITCH, parse_size
from estimator.options.parsing import HelpFormatter, OneLineParser

RESIZE, PAD = "resize", "pad"
def build_prediction_parser():
    """Builds the parser of predict.py."""
    parser = OneLineParser(
        prog="predict.py",
        description="Translates single pictures with a trained network. Targets are not needed.",
        usage="predict.py --input PATH --output DIR "
        "(--checkpoint_dir DIR | --graph FILE | --saved_model DIR) [--FLAG VALUE ...]",
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--input",
        required=True,
        metavar="FILE|DIR|GLOB|-",
        help="pictures of any size and mode; - reads one from the standard input",
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="DIR|-",
        help="folder of the PNG files, which keep the pictures' names; for one picture also a "
        "file FILE.png, or - for the standard output",
    )
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--checkpoint_dir", "--model_dir", metavar="DIR", help="a run's folder")
    model.add_argument("--graph", metavar="FILE", help="a frozen graph, .pb")
    model.add_argument("--saved_model", metavar="DIR", help="a SavedModel")
    parser.add_argument(
        "--fit",
        choices=("trained", RESIZE, PAD),
        default="trained",
        help="how a picture gets the network's size: resize stretches it; pad keeps its shape, "
        "fills the rest with its mirror image, and cuts that off again",
    )
    parser.add_argument(
        "--keep_size",
        default=False,
        help="scale each result to the size of its picture",
        **SWITCH,
    )
    parser.add_argument("--batch_size", **POSITIVE, default=1, help="pictures at a time")
    parser.add_argument(
        "--image_size",
        type=parse_size,
        metavar="SIZE",
        help="with --checkpoint_dir: N or HxW instead of the size of training",
    )
    parser.add_argument(
        "--test_dropout",
        help="with --checkpoint_dir: whether dropout is on (default: as in training)",
        **SWITCH,
    )
    parser.add_argument(
        "--seed", **NOT_NEGATIVE, help="with --checkpoint_dir: of the dropout (default: the run's)"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu"), default="auto", help="auto: the GPU, if there is one"
    )
    return parser


def parse_predict_options(arguments):
    """Parses the command line of predict.py.

    Args:
        arguments: List of strings, without the program's name.

    Returns:
        `argparse.Namespace`.

    Raises:
        OptionsError: A flag is unknown, malformed, or does not go with another.
    """
    options = build_prediction_parser().parse_args(arguments)
    if options.checkpoint_dir is None:
        for name in ("image_size", "test_dropout", "seed"):
            if getattr(options, name) is not None:
                raise OptionsError(
                    f"--{name}: is baked into an exported model; leave it out, or use "
                    "--checkpoint_dir"
                )
    return options


