"""The flags of train.py that concern the data: which files, and how they become pairs."""

from estimator.options.flag_types import (
    NOT_NEGATIVE,
    POSITIVE,
    SIZE,
    SWITCH,
    parse_bands,
    parse_inputs,
    parse_nodata,
    parse_pattern,
    parse_range,
)
from estimator.options.flags import DATA, NETWORK, Flag, FlagGroup
from input_fn import ALPHAS, CACHE_OFF, FOLDERS, RESIZES, SIDE_BY_SIDE, WEIGHTS

DATA_FLAGS = FlagGroup(
    "data",
    (
        Flag(
            "which_direction",
            "AtoB: A, the left half, is the input and B, the right half, the target; BtoA: the "
            "reverse",
            default="AtoB",
            role=NETWORK,
            choices=("AtoB", "BtoA"),
        ),
        Flag("train_size", "use the first N training files only", computed="all", **POSITIVE),
        Flag(
            "load_size",
            "size before the random crop: N or HxW, height x width in pixels",
            computed="fine size x 286/256",
            **SIZE,
        ),
        Flag(
            "fine_size",
            "size that the network sees: N or HxW, multiples of 32",
            default="256",
            role=NETWORK,
            aliases=("image_size",),
            **SIZE,
        ),
        Flag("no_flip", "do not mirror at random", default=False, **SWITCH),
        Flag(
            "resize",
            "how pictures get the size --load_size: stretch; or keep the proportions and crop "
            "what protrudes, or pad with black",
            default="stretch",
            role=DATA,
            choices=RESIZES,
        ),
        Flag(
            "data_layout",
            "side_by_side: A and B are the halves of one file; folders: they are files of the "
            "same name in train/A and train/B, and so on",
            default=SIDE_BY_SIDE,
            role=DATA,
            choices=(SIDE_BY_SIDE, FOLDERS),
        ),
        Flag(
            "inputs",
            "with --data_layout=folders: the folders of the inputs, which are joined as channels, "
            "--input_nc of each, or as many as the name says: t1,t2 or radar:2,photo:3",
            computed="A, or B",
            role=NETWORK,
            type=parse_inputs,
            metavar="NAME,NAME",
        ),
        Flag("target", "with --inputs: the folder of the targets", role=DATA, metavar="NAME"),
        Flag(
            "neighbours",
            "with --data_layout=folders: join so many slices before and after each, by the last "
            "number in the name, as further channels",
            default=0,
            role=NETWORK,
            **NOT_NEGATIVE,
        ),
        Flag(
            "group",
            "with --neighbours: only files whose names agree in what this finds, or in its first "
            "group, are slices of one series",
            computed="all of the name but its last number",
            role=DATA,
            type=parse_pattern,
            metavar="REGEX",
        ),
        Flag(
            "alpha",
            "transparency: drop it, lay the picture on white, keep it as the fourth channel "
            "(with --input_nc=4 or --output_nc=4), or take it for a mask of the pixels that count",
            default="drop",
            role=DATA,
            choices=ALPHAS,
        ),
        Flag(
            "value_range",
            "the values that are black and white in 16-bit PNG, .npy and TIFF files; several, with "
            "/ between them, are those of input and target, or of each band; auto: the least and "
            "the greatest of the training pairs, band by band; auto:1,99: percentiles",
            computed="the range of the file's type; of floats 0,1",
            role=DATA,
            type=parse_range,
            metavar="BLACK,WHITE",
        ),
        Flag(
            "log_bands",
            "bands of many orders of magnitude, whose logarithm is learnt: input, target, or such "
            "as input:2,target:1; their --value_range begins above 0",
            computed="none",
            role=DATA,
            type=parse_bands,
            metavar="BANDS",
        ),
        Flag(
            "nodata",
            "pixels that have this value in any band do not count; a number, nan, or several such "
            "as -9999,nan; not in JPEG files",
            computed="all count",
            role=DATA,
            type=parse_nodata,
            metavar="VALUE",
        ),
        Flag(
            "weights",
            "how much each pixel counts: pictures of the same name in train/weights and so on, "
            "black for not at all; or the last channel of the target's .npy or TIFF files, one "
            "more than --output_nc",
            computed="all count the same",
            role=DATA,
            choices=WEIGHTS,
        ),
        Flag(
            "lab_colorization",
            "files are single photos, not pairs: learn the colours a, b of Lab from the "
            "lightness L",
            default=False,
            role=NETWORK,
            **SWITCH,
        ),
        Flag(
            "palette_input",
            "the input is a map of flat colours: the network gets a plane for each class, which "
            "has the nearest colour; auto finds the classes in the data, detect as well unless it "
            "is no such map, facades are those of CMP, a FILE has a line R,G,B NAME or "
            "#RRGGBB NAME for each",
            role=NETWORK,
            metavar="auto|detect|facades|FILE",
        ),
        Flag(
            "palette_output",
            "the same of the target: the network gives a share of each class, learns by cross "
            "entropy in place of L1, and its pictures have the classes' colours alone",
            role=NETWORK,
            metavar="auto|detect|facades|FILE",
        ),
        Flag(
            "cache",
            "keep decoded pictures in memory, or in the folder DIR; changes nothing but the speed",
            default=CACHE_OFF,
            metavar="off|memory|DIR",
        ),
        Flag(
            "skip_bad",
            "train on the rest if files are broken, instead of stopping; says how many",
            default=False,
            **SWITCH,
        ),
    ),
)
