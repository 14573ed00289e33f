"""The command line of quality.py: flags to one frozen, checked value."""

import argparse
import functools
import math
import os
import re
import shlex
import sys
from dataclasses import dataclass, replace
from typing import Optional, Tuple

import timed_programs

from estimator.errors import OptionsError
from estimator.options.flag_types import number
from estimator.options.flags import OneLineParser
from estimator.options.train_options import parse_options
from estimator.palettes.palette import load_palette
from input_fn import DIRECTIONS, SIDE_BY_SIDE, SINGLE, find_split, list_pairs
from quality.paper_tables import TABLES
from quality.recipes import PEER, Recipe, choose_recipes

_COUNT = number(int, 1)
_LONGEST_INTERVAL = 500  # Steps that a training loses at most when it is cut off.
# What the bench itself says to train.py.
_TAKEN = re.compile(
    r"--(data_path|checkpoint_dir|model_dir|frozen_dir|max_steps|seed|phase|existing|step|split"
    r"|which_direction|save_checkpoints_steps|eval_steps|keep_best|test_size)\b"
)


@dataclass(frozen=True)
class Settings:
    """What is to be trained and scored. Fields that are not named here are the flags.

    Attributes:
        recipes: Tuple of `Recipe`, the first being what the others are compared with; a peer's
            has no flags.
        steps: Of each training, the last of `at`.
        at: Steps at which pictures are made and scored, ascending.
        save_every: Steps between checkpoints.
        flags: Flags of train.py that all recipes have, a tuple of words.
        palette: int array [classes, 3], or None.
    """

    data_path: str
    output: str
    which_direction: str
    recipes: Tuple[Recipe, ...]
    seeds: Tuple[int, ...]
    at: Tuple[int, ...]
    flags: Tuple[str, ...]
    test_size: Optional[int]
    label_palette: Optional[str]
    table: Optional[str]
    rows: int
    filters: Optional[int]
    fine_size: Optional[str]
    python: str
    peer: Optional[str]
    peer_python: Optional[str]
    keep_checkpoints: bool
    layout: str = SIDE_BY_SIDE

    @property
    def steps(self):
        """Steps of each training."""
        return self.at[-1]

    @property
    def save_every(self):
        """The most steps between checkpoints, up to 500, that are a part of all in `at`."""
        common = functools.reduce(math.gcd, self.at)
        longest = min(common, _LONGEST_INTERVAL)
        return next(steps for steps in range(longest, 0, -1) if common % steps == 0)

    @property
    def palette(self):
        """The colours of the targets' classes."""
        return None if self.label_palette is None else load_palette(self.label_palette).colours


def build_parser():
    """Builds the parser of the command line."""
    parser = OneLineParser(
        description="Trains recipes side by side, with several seeds, and compares their pictures.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--data_path", required=True, metavar="DIR", help="folder with train/ and val/ (required)")
    add("--which_direction", default="AtoB", choices=DIRECTIONS, help="as of train.py (AtoB)")
    add("--output", default="quality", metavar="DIR", help="folder of all results (quality)")
    add("--recipes", help="names, separated by commas; the first is compared with (paper)")
    add(
        "--recipe",
        action="append",
        default=[],
        metavar='NAME="FLAGS"',
        help="one more recipe, flags of train.py; may be given several times",
    )
    add("--table", choices=tuple(TABLES), help="a table of the paper, in place of --recipes")
    add("--seeds", type=_COUNT, default=3, help="seeds of each recipe, 0 and so on (3)")
    add("--steps", type=_COUNT, default=2000, help="steps of each training (2000)")
    add("--at", type=parse_steps, help="steps to score at (a quarter, half and all of --steps)")
    add("--flags", default="", help="flags of train.py for all recipes, in quotes")
    add("--fine_size", help="size of the pictures (as of train.py)")
    add("--filters", type=_COUNT, help="of both networks' first layers (as of the recipes)")
    add("--test_size", type=_COUNT, help="score at most so many pairs of val/ (all)")
    add("--label_palette", metavar="facades|FILE", help="targets are labels; as of train.py")
    add("--rows", type=_COUNT, default=6, help="rows of pictures in rows.png (6)")
    add("--python", default=sys.executable, help="interpreter of train.py (this one)")
    add("--peer", metavar="DIR", help="a checkout of affinelayer/pix2pix-tensorflow")
    add("--peer_python", help="its interpreter, with TensorFlow 1 (the oldest of .venv/)")
    add("--keep_checkpoints", action="store_true", help="do not remove them after the scores")
    return parser


def parse_steps(text):
    """Reads "500,1000" into (500, 1000)."""
    try:
        steps = tuple(sorted({int(word) for word in text.split(",")}))
    except ValueError:
        steps = (0,)
    if steps[0] < 1:
        raise argparse.ArgumentTypeError(f"{text!r} are no steps; write such as 500,1000,2000")
    return steps


def parse_settings(arguments):
    """Parses and checks a command line.

    Args:
        arguments: List of strings; None for those of the process.

    Returns:
        `Settings`.

    Raises:
        OptionsError: A flag cannot be used, of this program or of a recipe.
        DataError: There are no pairs.
    """
    flags = build_parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    settings = Settings(
        data_path=os.path.abspath(flags.data_path),
        output=os.path.abspath(flags.output),
        which_direction=flags.which_direction,
        recipes=_recipes(flags),
        seeds=tuple(range(flags.seeds)),
        at=_steps_to_score(flags.steps, flags.at),
        flags=_split_flags(flags.flags),
        test_size=flags.test_size,
        label_palette=flags.label_palette,
        table=flags.table,
        rows=flags.rows,
        filters=flags.filters,
        fine_size=flags.fine_size,
        python=flags.python,
        peer=None if flags.peer is None else os.path.abspath(flags.peer),
        peer_python=flags.peer_python,
        keep_checkpoints=flags.keep_checkpoints,
    )
    settings = replace(settings, layout=_check(settings))
    return settings if settings.peer is None else _with_peer(settings)


def _recipes(flags):
    if flags.table is None:
        names = ("paper",) if flags.recipes is None else flags.recipes.split(",")
        return choose_recipes([name.strip() for name in names], flags.recipe)
    if flags.recipes is not None:
        raise OptionsError("--table and --recipes: a table has its own recipes; leave one out")
    if TABLES[flags.table].needs_palette and flags.label_palette is None:
        raise OptionsError(
            f"--table {flags.table}: its targets are labels, which --label_palette has to name"
        )
    return choose_recipes(TABLES[flags.table].results, flags.recipe)


def _steps_to_score(steps, at):
    if at is None:
        at = (steps // 4, steps // 2) if steps % 4 == 0 else ()
    if at and at[-1] > steps:
        raise OptionsError(f"--at {at[-1]}: is after the last step, {steps}; raise --steps")
    return (*(step for step in at if step < steps), steps)


def _split_flags(text):
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise OptionsError(f"--flags {text}: cannot be split into flags ({error})") from None


def train_flags(settings, recipe):
    """Lists the flags that make a recipe's run what it is, without folders and seed."""
    given = [f"--which_direction={settings.which_direction}"]
    if settings.fine_size is not None:
        given.append(f"--fine_size={settings.fine_size}")
    if settings.filters is not None:
        given += [f"--ngf={settings.filters}", f"--ndf={settings.filters}"]
    schedule = [f"--max_steps={settings.steps}", f"--save_checkpoints_steps={settings.save_every}"]
    return [*given, *schedule, "--eval_steps=0", *settings.flags, *recipe.flags]


def _check(settings):
    """Finds now what would otherwise end a training hours later; returns the pairs' layout."""
    for recipe in settings.recipes:
        for word in (*settings.flags, *recipe.flags):
            if _TAKEN.match(word):
                raise OptionsError(
                    f"recipe {recipe.name}, {word}: the bench itself says that; leave it out"
                )
        command = [f"--data_path={settings.data_path}", *train_flags(settings, recipe)]
        try:
            options = parse_options(command)
        except OptionsError as error:
            raise OptionsError(f"recipe {recipe.name}: {error}") from None
    layout = SINGLE if options.lab_colorization else options.data_layout
    for split in ("train", "val"):
        list_pairs(find_split(settings.data_path, split), layout=layout)
    if settings.label_palette is not None:
        load_palette(settings.label_palette)
    return layout


def _with_peer(settings):
    if not os.path.isfile(os.path.join(settings.peer, "pix2pix.py")):
        raise OptionsError(
            f"--peer {settings.peer}: holds no pix2pix.py; name a checkout of "
            "affinelayer/pix2pix-tensorflow"
        )
    if settings.fine_size not in (None, "256", "256x256"):
        raise OptionsError(f"--peer: trains at 256x256; leave out --fine_size {settings.fine_size}")
    if settings.layout != SIDE_BY_SIDE:
        raise OptionsError(f"--peer: takes pairs side by side, not {settings.layout}; leave it out")
    python = settings.peer_python
    if python is None:
        found = timed_programs.runtimes()
        version, python = next(iter(found.items()), ("none", None))
        if not version.startswith("1."):
            raise OptionsError("--peer: runs on TensorFlow 1; name its Python by --peer_python")
    recipes = (*settings.recipes, Recipe(PEER, ()))
    return replace(settings, recipes=recipes, peer_python=python)
