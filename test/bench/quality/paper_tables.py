"""The paper's tables, as recipes and as orders to compare with (Isola et al. 2017, CVPR version).

The paper's numbers are FCN-scores on Cityscapes, or how often people took a picture for real.
Neither can be had here; what can be compared is which recipe comes before which.
"""

import itertools
from collections import namedtuple

from quality.comparison import is_larger_than_error, paired_difference
from quality.scores import SCORES

PaperTable = namedtuple("PaperTable", ["title", "measure", "results", "needs_palette", "remark"])
PaperTable.__doc__ = """A table of the paper: its title; what it measures, the first number of each
row; `results`, a dict of recipe to the row's numbers, where more is better; whether its targets are
label maps; and what is different here."""

_FCN = "FCN-score on Cityscapes: per pixel, per class, class IoU"

TABLES = {
    "losses": PaperTable(
        "table 1, losses, labels to photo",
        _FCN,
        {
            "paper": (0.66, 0.23, 0.17),
            "paper_l1": (0.42, 0.15, 0.11),
            "paper_gan": (0.22, 0.05, 0.01),
            "paper_cgan": (0.57, 0.22, 0.16),
            "paper_l1_gan": (0.64, 0.20, 0.15),
        },
        False,
        "",
    ),
    "skips": PaperTable(
        "table 2, U-Net against encoder-decoder, labels to photo",
        _FCN,
        {
            "paper": (0.55, 0.20, 0.14),
            "paper_l1": (0.48, 0.18, 0.13),
            "encoder_decoder_l1": (0.35, 0.12, 0.08),
            "encoder_decoder": (0.29, 0.09, 0.05),
        },
        False,
        "The paper's were made with batches of 10; these have 1, unless --flags=--batch_size=10.",
    ),
    "patches": PaperTable(
        "table 3, what a logit sees, labels to photo",
        _FCN,
        {
            "paper": (0.66, 0.23, 0.17),
            "patch_1": (0.39, 0.15, 0.10),
            "patch_16": (0.65, 0.21, 0.17),
            "patch_286": (0.42, 0.16, 0.11),
        },
        False,
        "",
    ),
    "people": PaperTable(
        "table 4, taken for real by people, map to aerial photo",
        "percent taken for real, map to aerial photo; aerial photo to map",
        {"paper": (18.9, 6.1), "paper_l1": (0.8, 2.8)},
        False,
        "",
    ),
    "labels": PaperTable(
        "table 6, photo to labels",
        _FCN,
        {
            "paper": (0.83, 0.36, 0.29),
            "paper_l1": (0.86, 0.42, 0.35),
            "paper_cgan": (0.74, 0.28, 0.22),
        },
        True,
        "",
    ),
}


def agreement(table, values):
    """Counts how many pairs of recipes are in the paper's order.

    Args:
        table: `PaperTable`.
        values: Dict of score to a dict of recipe to a dict of seed to number.

    Returns:
        Dict of score to a dict of `agree` and `disagree`, lists of (better, worse) as the paper has
        them, and `open`, those whose difference is no larger than twice its error. Scores of which
        neither way is better are left out.
    """
    found = {}
    for score in SCORES:
        by_recipe = values.get(score.name, {})
        if score.larger_is_better is None or not by_recipe:
            continue
        found[score.name] = counts = {"agree": [], "disagree": [], "open": []}
        for better, worse in ordered_pairs(table):
            difference = paired_difference(by_recipe.get(worse, {}), by_recipe.get(better, {}))
            if not is_larger_than_error(difference):
                counts["open"].append((better, worse))
            elif (difference.mean > 0) == score.larger_is_better:
                counts["agree"].append((better, worse))
            else:
                counts["disagree"].append((better, worse))
    return found


def ordered_pairs(table):
    """Lists all pairs of a table's recipes, the one that the paper has as better first."""
    ranks = {name: numbers[0] for name, numbers in table.results.items()}
    pairs = itertools.combinations(sorted(ranks, key=ranks.get, reverse=True), 2)
    return [(better, worse) for better, worse in pairs if ranks[better] > ranks[worse]]
