"""What is trained: recipes, each a name and flags of train.py."""

import re
import shlex
from collections import namedtuple

from estimator.errors import OptionsError

Recipe = namedtuple("Recipe", ["name", "flags"])
Recipe.__doc__ = """A recipe: its name, and flags of train.py, a tuple of words."""

PEER = "peer"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

# docs/parts.md says what each part is. What is not said has its default, the paper's.
RECIPES = {
    "paper": "--preset=paper",
    "recommended": "--preset=recommended",
    "paper_l1": "--preset=paper_l1",
    "paper_gan": "--conditional_D=false --L1_lambda=0",
    "paper_cgan": "--preset=paper_cgan",
    "paper_l1_gan": "--preset=paper_l1_gan",
    "encoder_decoder": "--netG=encoder_decoder",
    "encoder_decoder_l1": "--netG=encoder_decoder --gan_mode=none",
    "patch_1": "--preset=paper_patch_1",
    "patch_16": "--preset=paper_patch_16",
    "patch_286": "--preset=paper_patch_286",
    "ema": "--ema=0.999",
    "linear_decay": "--lr_policy=linear",
    "cosine_decay": "--lr_policy=cosine",
    "resize": "--upsample=resize",
    "instance": "--norm=instance",
    "bottleneck_norm": "--bottleneck_norm",
    "lsgan": "--gan_mode=lsgan",
    "spectral_hinge": "--gan_mode=hinge --spectral_norm_D",
    "wgangp": "--gan_mode=wgangp --norm=instance",
    "multi_scale": "--netD=multi_scale",
    "feature_matching": "--lambda_feat=10",
    "edges": "--lambda_edge=10",
    "gan_late": "--gan_after=0.5",
    "palette_input": "--palette_input=auto",
    "palette_output": "--palette_output=auto",
    "no_test_dropout": "--test_dropout=false",
    "bfloat16": "--precision_mode=allow_mix_precision_bf16",
}


def choose_recipes(names, added):
    """Finds the recipes that a command line names.

    Args:
        names: Of recipes.
        added: Texts NAME="FLAGS", which follow the others; one that has a name of the table
            replaces that.

    Returns:
        Tuple of `Recipe`, in the order of the command line.

    Raises:
        OptionsError: There is no such recipe, or a text is not of that form.
    """
    table = {name: tuple(shlex.split(flags)) for name, flags in RECIPES.items()}
    own = dict(_parse_recipe(text) for text in added)
    table.update(own)
    chosen = list(dict.fromkeys([*names, *own]))
    for name in chosen:
        if name not in table:
            raise OptionsError(f"--recipes {name}: is none; there are {', '.join(table)}")
    return tuple(Recipe(name, table[name]) for name in chosen)


def _parse_recipe(text):
    name, separator, flags = text.partition("=")
    if not separator or not _NAME.fullmatch(name) or name == PEER:
        raise OptionsError(
            f"--recipe {text}: write NAME=FLAGS, such as wide=--ngf=96, with a name of letters, "
            f"digits, dots and dashes that is not {PEER}"
        )
    try:
        return name, tuple(shlex.split(flags))
    except ValueError as error:
        raise OptionsError(f"--recipe {text}: cannot be split into flags ({error})") from None
