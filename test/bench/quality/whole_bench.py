"""The bench from the command line to its reports."""

import itertools
import os

from input_fn import remove_leftovers, write_bytes, write_json
from quality import lite_network, peers, trainings
from quality.charts import draw_curves
from quality.judging import Judge
from quality.markdown import page
from quality.programs import ProgramError
from quality.recipes import PEER
from quality.results import Results
from quality.runs import run_of
from quality.scores import SCORES
from quality.settings import parse_settings
from quality.sheets import draw_rows

FAILED = 1


def run(arguments):
    """Trains what is not trained, scores what is not scored, and writes the reports.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0, or 1 if a training failed.

    Raises:
        OptionsError: A flag cannot be used, or the folder holds other runs.
        DataError: The data cannot be used.
        RunError: A file of a run is missing or damaged.
    """
    settings = parse_settings(arguments)
    remove_leftovers(settings.output)
    if not lite_network.is_installed():
        print(lite_network.MISSING, flush=True)
    results, done = Results(settings), []
    with Judge(settings.palette, lite_network.is_installed()) as judge:
        # Seeds one after the other, so that there is something to compare early on.
        for seed, recipe in itertools.product(settings.seeds, settings.recipes):
            one = run_of(settings, recipe, seed)
            try:
                _make_pictures(settings, one)
            except ProgramError as error:
                print(f"{one.name}: failed: {error}", flush=True)
                results.failed[one.name] = str(error)
            else:
                results.add(one, {step: judge.scores(one, step) for step in settings.at})
                done.append(one)
            # Each time, so that there is something to look at before the end.
            text = _write(settings, results, done)
    print(text, end="")
    print(settings.output, flush=True)
    return FAILED if results.failed else 0


def _make_pictures(settings, one):
    kind = peers if one.recipe.name == PEER else trainings
    kind.make_pictures(settings, one, lambda line: print(f"{one.name}: {line}", flush=True))


def _write(settings, results, done):
    """Writes the reports of what is done so far; returns the page."""
    report, curves = results.report(), results.curves()
    text = page(report)
    _write_file(settings, "results.md", text.encode("utf-8"))
    write_json(os.path.join(settings.output, "results.json"), report)
    write_json(os.path.join(settings.output, "curves.json"), curves)
    if done:
        titles = {score.name: score.title for score in SCORES}
        panels = {titles[name]: each for name, each in curves["scores"].items()}
        panels.update(curves["losses"])
        recipes = [recipe.name for recipe in settings.recipes]
        _write_file(settings, "curves.png", draw_curves(panels, recipes))
        places = {
            one.recipe.name: one.place_of(settings.steps)
            for one in done
            if one.seed == done[0].seed
        }
        _write_file(settings, "rows.png", draw_rows(places, settings.rows))
    return text


def _write_file(settings, name, content):
    write_bytes(os.path.join(settings.output, name), content)
