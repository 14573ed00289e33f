"""The flags of train.py: names, kinds, defaults and what they mean."""

from estimator.options.device_flags import add_diagnosis_flags, add_precision_flags
from estimator.options.flag_types import (
    NOT_NEGATIVE,
    POSITIVE,
    SEED,
    SWITCH,
    number,
    parse_names,
    parse_range,
    parse_size,
)
from estimator.options.parsing import HelpFormatter, OneLineParser
from input_fn import ALPHAS, CACHE_OFF, FOLDERS, RESIZES, SIDE_BY_SIDE


def build_parser():
    """Builds the parser of train.py; ModelZoo's flags keep their names."""
    parser = OneLineParser(
        prog="train.py",
        description="Trains pix2pix on a folder of paired A|B images, and tests it.",
        usage="train.py --data_path DIR [--FLAG VALUE ...]",
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    for add_flags in _GROUPS:
        add_flags(parser)
    return parser


def _add_run(parser):
    group = parser.add_argument_group("run")
    group.add_argument(
        "--data_path",
        required=True,
        metavar="DIR",
        help="folder with train/ and perhaps val/, test/",
    )
    group.add_argument("--phase", choices=("train", "test"), default="train", help="what to do")
    group.add_argument(
        "--checkpoint_dir",
        "--model_dir",
        metavar="DIR",
        default="./checkpoint",
        help="folder of checkpoints, events and reports; the same command again resumes from it",
    )
    group.add_argument(
        "--frozen_dir",
        metavar="DIR",
        help="folder of frozen graphs (default: CHECKPOINT_DIR/frozen)",
    )
    group.add_argument(
        "--existing",
        choices=("refuse", "archive"),
        default="refuse",
        help="if the checkpoint folder holds a run of another network or data set: stop, or rename "
        "the folder and start afresh; archive renames a finished run as well",
    )
    group.add_argument(
        "--device", choices=("auto", "npu", "gpu", "cpu"), default="auto", help="where to run"
    )
    group.add_argument(
        "--seed",
        **SEED,
        default=0,
        help="of weights, order, jitter and dropout",
    )


def _add_data(parser):
    group = parser.add_argument_group("data")
    group.add_argument(
        "--which_direction",
        choices=("AtoB", "BtoA"),
        default="AtoB",
        help="AtoB: the left half is the input, the right half the target",
    )
    group.add_argument("--train_size", **POSITIVE, help="use the first N training files only")
    group.add_argument(
        "--fine_size",
        "--image_size",
        type=parse_size,
        metavar="SIZE",
        default="256",
        help="N or HxW in pixels that the network sees; multiples of 32 at least",
    )
    group.add_argument(
        "--load_size",
        type=parse_size,
        metavar="SIZE",
        help="N or HxW in pixels before the random crop (default: fine_size x 286/256)",
    )
    group.add_argument("--no_flip", default=False, help="do not mirror at random", **SWITCH)
    group.add_argument(
        "--resize",
        choices=RESIZES,
        default="stretch",
        help="to --load_size: stretch; or keep the proportions and crop what protrudes, or pad "
        "with black",
    )
    group.add_argument(
        "--data_layout",
        choices=(SIDE_BY_SIDE, FOLDERS),
        default=SIDE_BY_SIDE,
        help="A and B in one file; or in files of the same name in the folders A and B of train/ "
        "and so on",
    )
    group.add_argument(
        "--alpha",
        choices=ALPHAS,
        default="drop",
        help="transparency: drop it, lay the picture on white, or keep it as the fourth channel "
        "(with --input_nc=4 or --output_nc=4)",
    )
    group.add_argument(
        "--value_range",
        type=parse_range,
        metavar="BLACK,WHITE",
        help="of 16-bit PNG and .npy files (default: the range of their type; floats: 0,1)",
    )
    group.add_argument(
        "--lab_colorization",
        default=False,
        help="files are single photos, not pairs: learn the colours a, b of Lab from L",
        **SWITCH,
    )
    group.add_argument(
        "--cache",
        default=CACHE_OFF,
        metavar="off|memory|DIR",
        help="keep decoded pictures in memory or in a folder; changes nothing but the speed",
    )
    group.add_argument(
        "--skip_bad",
        default=False,
        help="train on the rest if files are broken, instead of stopping; says how many",
        **SWITCH,
    )


def _add_network(parser):
    group = parser.add_argument_group("network")
    group.add_argument("--ngf", **POSITIVE, default=64, help="filters of G's first layer")
    group.add_argument("--ndf", **POSITIVE, default=64, help="filters of D's first layer")
    group.add_argument("--input_nc", **POSITIVE, default=3, help="input channels")
    group.add_argument("--output_nc", **POSITIVE, default=3, help="output channels")
    group.add_argument(
        "--test_dropout",
        default=True,
        help="keep dropout on in testing, as the paper does; frozen graphs have it off",
        **SWITCH,
    )


def _add_training(parser):
    group = parser.add_argument_group("training")
    group.add_argument("--epoch", **POSITIVE, default=200, help="passes over the data")
    group.add_argument("--max_steps", **POSITIVE, help="steps in all, instead of --epoch")
    group.add_argument("--batch_size", **POSITIVE, default=1, help="pairs per step and device")
    group.add_argument(
        "--learning_rate",
        "--lr",
        type=number(float, 0, exclusive=True),
        metavar="X",
        default=2e-4,
        help="Adam's, for both networks",
    )
    group.add_argument(
        "--beta1", type=number(float, 0, 1), metavar="X", default=0.5, help="Adam's beta1"
    )
    group.add_argument(
        "--L1_lambda",
        type=number(float, 0),
        metavar="X",
        default=100.0,
        help="weight of the L1 loss",
    )
    group.add_argument(
        "--gan_weight",
        type=number(float, 0),
        metavar="X",
        default=1.0,
        help="weight of the GAN loss",
    )


def _add_output(parser):
    group = parser.add_argument_group("output")
    group.add_argument(
        "--save_checkpoints_steps",
        **POSITIVE,
        default=500,
        help="steps between checkpoints",
    )
    group.add_argument(
        "--save_frozen_steps",
        **SEED,
        default=0,
        help="steps between frozen graphs; 0: only at the end",
    )
    group.add_argument("--summary_freq", **POSITIVE, default=100, help="steps between scalars")
    group.add_argument("--image_freq", **POSITIVE, default=500, help="steps between pictures")
    group.add_argument("--print_freq", **POSITIVE, default=50, help="steps between lines")
    group.add_argument(
        "--eval_steps",
        **NOT_NEGATIVE,
        help="pairs of val/ scored at each checkpoint; 0 turns it off (default: all)",
    )


def _add_testing(parser):
    group = parser.add_argument_group("testing (--phase=test)")
    group.add_argument(
        "--split",
        choices=("val", "test"),
        help="which pairs are scored (default: test/ if there is one, else val/)",
    )
    group.add_argument(
        "--label_palette",
        metavar="facades|FILE",
        help="the targets are maps of these flat colours: score accuracy and class IoU as well; "
        "FILE has a line R,G,B NAME or #RRGGBB NAME for each class",
    )
    group.add_argument(
        "--inception_graph",
        metavar="FILE",
        help="frozen graph of an Inception network: score KID and FID as well",
    )
    group.add_argument(
        "--inception_nodes",
        type=parse_names,
        metavar="INPUT,OUTPUT",
        default="Mul:0,pool_3:0",
        help="its input, float RGB pictures in [-1, 1], and its features; these names are those "
        "of the Inception graphs of 2015",
    )


_GROUPS = (
    _add_run,
    _add_data,
    _add_network,
    _add_training,
    add_precision_flags,
    _add_testing,
    _add_output,
    add_diagnosis_flags,
)
