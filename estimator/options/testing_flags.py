"""The flags of train.py that concern testing."""

from estimator.options.flag_types import LATEST, POSITIVE, STEP, SWITCH, parse_names
from estimator.options.flags import PREDICTION, Flag, FlagGroup

TESTING_FLAGS = FlagGroup(
    "testing (--phase=test)",
    (
        Flag(
            "test_dropout",
            "keep dropout on in testing, as the paper does; frozen graphs have it off",
            default=True,
            role=PREDICTION,
            **SWITCH,
        ),
        Flag(
            "step",
            "testing: which checkpoint is scored: the latest; the best that --keep_best kept; or "
            "that of step N",
            default=LATEST,
            **STEP,
        ),
        Flag(
            "split",
            "testing: which pairs are scored, those of val/ or of test/",
            computed="test if it is there, else val",
            choices=("val", "test"),
        ),
        Flag(
            "test_size",
            "testing: at most so many pairs, the first ones",
            computed="all",
            **POSITIVE,
        ),
        Flag(
            "label_palette",
            "testing: the targets are maps of these flat colours, score accuracy and class IoU "
            "as well; facades, or a FILE with a line R,G,B NAME or #RRGGBB NAME for each class",
            metavar="facades|FILE",
        ),
        Flag(
            "inception_graph",
            "testing: frozen graph of an Inception network that you have, for KID and FID",
            metavar="FILE",
        ),
        Flag(
            "inception_nodes",
            "testing: its input, float RGB pictures in [-1, 1], and its features; the default "
            "names are those of the Inception graphs of 2015",
            default="Mul:0,pool_3:0",
            type=parse_names,
            metavar="INPUT,OUTPUT",
        ),
    ),
)
