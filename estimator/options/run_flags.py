"""The flags of train.py that name the run and say when it reports what."""

from estimator.options.flag_types import NOT_NEGATIVE, POSITIVE
from estimator.options.flags import Flag, FlagGroup
from estimator.options.presets import PRESETS, parse_presets

# What val/ is scored by.
SCORES = ("l1", "psnr", "ssim")

RUN_FLAGS = FlagGroup(
    "run",
    (
        Flag(
            "data_path",
            "folder with train/ and perhaps val/, test/",
            required=True,
            metavar="DIR",
        ),
        Flag(
            "checkpoint_dir",
            "folder of checkpoints, events and reports; the same command again resumes from it",
            default="./checkpoint",
            aliases=("model_dir",),
            metavar="DIR",
        ),
        Flag(
            "preset",
            "sets of flags, which other flags override; several are separated by commas, the last "
            "wins: " + ", ".join(PRESETS),
            default="",
            type=parse_presets,
            metavar="NAME",
        ),
        Flag(
            "frozen_dir",
            "folder of frozen graphs",
            computed="CHECKPOINT_DIR/frozen",
            metavar="DIR",
        ),
        Flag(
            "phase",
            "train; or test: score what was trained",
            default="train",
            choices=("train", "test"),
        ),
        Flag(
            "existing",
            "what to do if the checkpoint folder holds a run of another network or data set: "
            "refuse; or archive: rename it and start afresh (a finished run as well)",
            default="refuse",
            choices=("refuse", "archive"),
        ),
        Flag(
            "init_from",
            "folder of another run, or its best/, whose newest weights a new run starts from: all, "
            "or the layers that fit; a run that resumes has its own",
            metavar="DIR",
        ),
    ),
)

OUTPUT_FLAGS = FlagGroup(
    "output",
    (
        Flag("save_checkpoints_steps", "steps between checkpoints", default=500, **POSITIVE),
        Flag(
            "save_frozen_steps",
            "steps between frozen graphs; 0: only at the end",
            default=0,
            **NOT_NEGATIVE,
        ),
        Flag("summary_freq", "steps between TensorBoard scalars", default=100, **POSITIVE),
        Flag("image_freq", "steps between TensorBoard pictures", default=500, **POSITIVE),
        Flag("print_freq", "steps between lines on the console", default=50, **POSITIVE),
        Flag(
            "eval_steps",
            "pairs of val/ scored at each checkpoint; 0 turns it off",
            computed="all; with several ranks, which wait meanwhile, at the end alone",
            **NOT_NEGATIVE,
        ),
        Flag(
            "keep_best",
            "keep a copy of the checkpoint with the best l1, psnr or ssim of val/ in "
            "CHECKPOINT_DIR/best/",
            computed="none is kept",
            choices=SCORES,
        ),
    ),
)
