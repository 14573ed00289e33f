"""All scores of all runs, their means over seeds and their differences, as one value for JSON."""

import os

import numpy as np
from performance import processor

from input_fn import find_split, list_pairs
from quality import paper_tables, peers
from quality.comparison import estimate, paired_difference, verdict
from quality.recipes import PEER
from quality.scores import SCORES
from quality.settings import train_flags

_INTERVALS = 40  # In which losses are averaged, at most.


class Results:
    """Collects what runs have come to.

    Args:
        settings: `Settings`.
    """

    def __init__(self, settings):
        self._settings = settings
        self._scores = {step: {} for step in settings.at}
        self._trained = {}
        self.failed = {}
        """Dict of a run's name to what its program said last."""

    def add(self, run, scores):
        """Adds a run that is done.

        Args:
            run: `Run`.
            scores: Dict of step to its scores.
        """
        self.failed.pop(run.name, None)
        self._trained.setdefault(run.recipe.name, {})[run.seed] = run.trained
        for step, of_step in scores.items():
            self._scores[step].setdefault(run.recipe.name, {})[run.seed] = of_step

    def by_seed(self, step, score):
        """Gives a score's numbers at a step: dict of recipe to a dict of seed to number."""
        found = {}
        for recipe, seeds in self._scores[step].items():
            numbers = {seed: scores.get(score) for seed, scores in seeds.items()}
            numbers = {seed: each for seed, each in numbers.items() if each is not None}
            if numbers:
                found[recipe] = numbers
        return found

    def report(self):
        """Sums up: a dict that JSON can hold; see docs/results.md."""
        settings = self._settings
        report = {
            "data": settings.data_path,
            "direction": settings.which_direction,
            "steps": settings.steps,
            "seeds": list(settings.seeds),
            "label_palette": settings.label_palette,
            "machine": f"{processor()}, {len(os.sched_getaffinity(0))} cores",
            "pairs": self._count_pairs(),
            "first": settings.recipes[0].name,
            "recipes": [self._recipe(recipe) for recipe in settings.recipes],
            "scores": {
                str(step): {
                    recipe: {str(seed): each for seed, each in seeds.items()}
                    for recipe, seeds in self._scores[step].items()
                }
                for step in settings.at
            },
            "means": {str(step): self._means(step) for step in settings.at},
            "differences": {str(step): self._differences(step) for step in settings.at},
            "failed": self.failed,
        }
        if settings.table is not None:
            values = {score.name: self.by_seed(settings.steps, score.name) for score in SCORES}
            table = paper_tables.TABLES[settings.table]
            report["paper"] = {
                "table": settings.table,
                "agreement": paper_tables.agreement(table, values),
            }
        return report

    def _count_pairs(self):
        counts = {}
        for split in ("train", "val"):
            folder = find_split(self._settings.data_path, split)
            limit = self._settings.test_size if split == "val" else None
            counts[split] = len(list_pairs(folder, limit, self._settings.layout))
        return counts

    def _recipe(self, recipe):
        trained = self._trained.get(recipe.name, {}).values()
        minutes = [each["minutes"] for each in trained if each["minutes"] is not None]
        return {
            "name": recipe.name,
            "flags": list(recipe.flags),
            "command": _command(self._settings, recipe),
            "minutes": _as_dict(estimate(minutes)),
        }

    def _means(self, step):
        means = {}
        for score in SCORES:
            for recipe, numbers in self.by_seed(step, score.name).items():
                mean = estimate(list(numbers.values()))
                means.setdefault(recipe, {})[score.name] = _as_dict(mean)
        return means

    def _differences(self, step):
        first, found = self._settings.recipes[0].name, {}
        for score in SCORES:
            numbers = self.by_seed(step, score.name)
            for recipe in numbers:
                if recipe == first or first not in numbers:
                    continue
                difference = paired_difference(numbers[first], numbers[recipe])
                found.setdefault(recipe, {})[score.name] = {
                    **(_as_dict(difference) or {}),
                    "verdict": verdict(difference, score.larger_is_better),
                }
        return found

    def curves(self):
        """Gives what is drawn: dict of `scores` and `losses`.

        Returns:
            Each a dict of name to a dict of recipe to a list of [step, mean, error or None] over
            the seeds.
        """
        scores = {}
        for score in SCORES:
            for step in self._settings.at:
                for recipe, numbers in self.by_seed(step, score.name).items():
                    _append(scores, score.name, recipe, step, list(numbers.values()))
        return {"scores": scores, "losses": self._loss_curves()}

    def _loss_curves(self):
        curves = {}
        for recipe, seeds in self._trained.items():
            for tag in dict.fromkeys(tag for each in seeds.values() for tag in each["losses"]):
                points = {}
                for each in seeds.values():
                    for step, value in self._averaged(each["losses"].get(tag, ())):
                        points.setdefault(step, []).append(value)
                for step, values in sorted(points.items()):
                    _append(curves, tag, recipe, step, values)
        return curves

    def _averaged(self, points):
        """Averages over intervals: losses of single pairs jump, and resumed runs shift steps."""
        steps = [step for step, _ in points]
        gap = float(np.median(np.diff(steps))) if len(steps) > 1 else 1.0
        width = max(round(gap), self._settings.steps // _INTERVALS, 1)
        intervals = {}
        for step, value in points:
            intervals.setdefault(-(-step // width) * width, []).append(value)
        return [(step, float(np.mean(values))) for step, values in intervals.items()]


def _command(settings, recipe):
    """Says how a run of a recipe was started, but for its folder and its seed."""
    if recipe.name == PEER:
        return peers.training_flags(settings)
    return [f"--data_path={settings.data_path}", *train_flags(settings, recipe)]


def _append(curves, name, recipe, step, values):
    point = estimate(values)
    curve = curves.setdefault(name, {}).setdefault(recipe, [])
    curve.append([step, point.mean, point.error])


def _as_dict(each):
    return None if each is None else each._asdict()
