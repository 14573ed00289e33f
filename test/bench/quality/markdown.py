"""The report as tables in Markdown."""

from quality import lite_network, paper_tables
from quality.scores import SCORES

_TITLES = {score.name: score for score in SCORES}


def page(report):
    """Writes the report.

    Args:
        report: From `Results.report`.

    Returns:
        Text in Markdown.
    """
    pairs, seeds = report["pairs"], len(report["seeds"])
    lines = [
        f"{report['data']}, {report['direction']}: {pairs['train']} pairs to train on, "
        f"{pairs['val']} to score; {report['steps']} steps, {_counted(seeds, 'seed')}; "
        f"{report['machine']}.",
        "",
    ]
    steps = sorted(report["means"], key=int, reverse=True)
    for step in steps:
        if report["means"][step]:
            lines += _means(report, step)
            lines += _differences(report, step)
    if "paper" in report:
        lines += _paper(report)
    lines += _notes(report)
    return "\n".join(lines) + "\n"


def _means(report, step):
    means = report["means"][step]
    names = _present(means)
    lines = [f"## After {step} steps, mean ± standard error over seeds", ""]
    lines += _head(["recipe", "seeds", "minutes", *(_TITLES[name].title for name in names)])
    for recipe in report["recipes"]:
        scores = means.get(recipe["name"])
        if scores is None:
            continue
        # Of the whole training, which the earlier steps are a part of.
        minutes = recipe["minutes"] if int(step) == report["steps"] else None
        cells = [recipe["name"], str(max(each["count"] for each in scores.values()))]
        cells.append("" if minutes is None else f"{minutes['mean']:.1f}")
        cells += [_estimate(scores.get(name), _TITLES[name].digits) for name in names]
        lines.append(_row(cells))
    return [*lines, ""]


def _differences(report, step):
    differences = report["differences"][step]
    if not differences:
        return []
    names = _present(differences)
    lines = [f"Difference to {report['first']}, seed by seed:", ""]
    lines += _head(["recipe", *(_TITLES[name].title for name in names)])
    for recipe, scores in differences.items():
        cells = [recipe]
        for name in names:
            each = scores.get(name, {})
            text = _estimate(each if "mean" in each else None, _TITLES[name].digits, signed=True)
            word = each.get("verdict")
            cells.append(f"{text} **{word}**" if word else text)
        lines.append(_row(cells))
    return [*lines, ""]


def _paper(report):
    table = paper_tables.TABLES[report["paper"]["table"]]
    recipes = sorted(table.results, key=lambda name: -table.results[name][0])
    lines = [f"## The paper's {table.title}", ""]
    lines += _head(["recipe", f"the paper's {table.measure}"])
    digits = 2 if max(map(max, table.results.values())) <= 1 else 1
    for name in recipes:
        numbers = " / ".join(f"{value:.{digits}f}" for value in table.results[name])
        lines.append(_row([name, numbers]))
    lines += [
        "",
        "Of each two recipes, whether each score has them in the order of the paper's first "
        "number; open: the difference is not larger than twice its error.",
    ]
    lines += ["", *_head(["score", "as in the paper", "against it", "open"], of_numbers=False)]
    for name, counts in report["paper"]["agreement"].items():
        cells = [_TITLES[name].title, str(len(counts["agree"]))]
        cells.append("; ".join(f"{worse} before {better}" for better, worse in counts["disagree"]))
        cells.append("; ".join(" and ".join(pair) for pair in counts["open"]))
        lines.append(_row(cells))
    return [*lines, "", *([table.remark, ""] if table.remark else [])]


def _notes(report):
    lines = [
        "Bold: larger than twice the standard error of the difference over seeds. Minutes are of "
        "training, start and checkpoints left out. Grid: energy at that period, in pixels, against "
        "its neighbours', and energy itself, both as multiples of the targets'.",
    ]
    if any("kid" in _present(means) for means in report["means"].values()):
        lines.append(
            "KID is of EfficientNet-Lite0's features and can be compared within this bench only."
        )
    elif not lite_network.is_installed():
        lines.append(lite_network.MISSING)
    lines += ["", *_head(["recipe", "flags of train.py"], of_numbers=False)]
    for each in report["recipes"]:
        flags = " ".join(each["flags"])
        lines.append(_row([each["name"], f"`{flags}`" if flags else "the defaults"]))
    if report["failed"]:
        lines += ["", *_head(["failed", "what it said last"], of_numbers=False)]
        lines += [_row([name, text]) for name, text in report["failed"].items()]
    return lines


def _present(by_recipe):
    return [
        score.name for score in SCORES if any(score.name in each for each in by_recipe.values())
    ]


def _estimate(each, digits, signed=False):
    if each is None:
        return ""
    sign = "+" if signed else ""
    mean = f"{each['mean']:{sign}.{digits}f}"
    return mean if each["error"] is None else f"{mean} ± {each['error']:.{digits}f}"


def _head(cells, of_numbers=True):
    aligned = ["---", *["--:" if of_numbers else "---"] * (len(cells) - 1)]
    return [_row(cells), "|" + "|".join(aligned) + "|"]


def _row(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _counted(number, word):
    return f"{number} {word}" + ("" if number == 1 else "s")
