"""Translating single pictures: the flags of predict.py and the loop over files."""

import io
import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from estimator.endings import FAILED
from estimator.errors import OptionsError
from estimator.options.flag_types import NOT_NEGATIVE, POSITIVE, SWITCH, parse_size
from estimator.options.parsing import HelpFormatter, OneLineParser
from estimator.trained import predictor as predictors
from estimator.trained.input_pictures import PAD, RESIZE, find_pictures, fit, read_picture, restore
from estimator.trained.output_files import encode_png, output_names, to_uint8
from estimator.trained.run_options import trained_options
from hooks import write_bytes_atomically
from input_fn import DataError

STREAM = "-"


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
        choices=(RESIZE, PAD),
        default=RESIZE,
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


def parse_prediction_options(arguments):
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


def predict_pictures(options):
    """Translates all pictures; one that cannot be read is named and the rest are done.

    Args:
        options: From `parse_prediction_options`.

    Returns:
        Exit code: 0, or 1 if a picture could not be read.

    Raises:
        OptionsError: The model cannot be used, or the output does not suit the input.
        DataError: There are no pictures.
        RunError: The memory does not suffice.
    """
    sources = [STREAM] if options.input == STREAM else find_pictures(options.input)
    targets = _targets(options.output, sources)
    predictor = _load_predictor(options)
    failed = 0
    with tqdm(total=len(sources), unit="img", disable=len(sources) < 2 or None) as bar:
        for start in range(0, len(sources), options.batch_size):
            part = slice(start, start + options.batch_size)
            read = list(_read(sources[part], targets[part], predictor.input_channels, bar))
            failed += len(sources[part]) - len(read)
            _translate(read, predictor, options)
            bar.update(len(sources[part]))
    if options.output != STREAM:
        print(f"{len(sources) - failed} of {len(sources)} pictures: {_place(options, targets)}")
    return FAILED if failed else 0


def _targets(output, sources):
    """Chooses where each result goes."""
    if output == STREAM or output.lower().endswith(".png"):
        if len(sources) > 1:
            raise OptionsError(
                f"--output {output}: takes one picture, --input has {len(sources)}; name a folder"
            )
        targets = [output]
    else:
        if os.path.exists(output) and not os.path.isdir(output):
            raise OptionsError(f"--output {output}: is a file; name a folder or a .png file")
        names = ["stdin.png"] if sources == [STREAM] else output_names(sources)
        targets = [os.path.join(output, name) for name in names]
    own = {os.path.realpath(source) for source in sources if source != STREAM}
    for target in targets:
        if target != STREAM and os.path.realpath(target) in own:
            raise OptionsError(
                f"--output {output}: {target} is one of the pictures of --input and would be "
                "overwritten; name another folder"
            )
    return targets


def _load_predictor(options):
    config = tf.ConfigProto(device_count={"GPU": 0} if options.device == "cpu" else {})
    config.gpu_options.allow_growth = True
    if options.graph is not None:
        return predictors.from_graph(options.graph, config)
    if options.saved_model is not None:
        return predictors.from_saved_model(options.saved_model, config)
    trained = trained_options(
        options.checkpoint_dir, options.image_size, options.test_dropout, options.seed
    )
    return predictors.from_checkpoint(trained, config)


def _read(sources, targets, channels, bar):
    """Yields (picture, target) of the files that can be read, and names the others."""
    for source, target in zip(sources, targets):
        stream = io.BytesIO(sys.stdin.buffer.read()) if source == STREAM else source
        try:
            yield read_picture(stream, channels), target
        except DataError as error:
            name = "standard input" if source == STREAM else source
            # Beside the bar, not through it.
            bar.write(f"error: {name}: {error}; make it again or remove it", file=sys.stderr)


def _translate(read, predictor, options):
    if not read:
        return
    pictures = np.stack([fit(picture, predictor.size, options.fit) for picture, _ in read])
    for (picture, target), output in zip(read, predictor(pictures)):
        pixels = restore(to_uint8(output), picture.size, options.fit, options.keep_size)
        if target == STREAM:
            sys.stdout.buffer.write(encode_png(pixels))
            sys.stdout.buffer.flush()
        else:
            write_bytes_atomically(target, encode_png(pixels))


def _place(options, targets):
    return os.path.abspath(targets[0] if options.output == targets[0] else options.output)
