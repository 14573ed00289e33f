"""The README against the programs: a flag that is not described cannot be found."""

import pathlib
import re

import pytest

from estimator.exports.whole_export import build_export_parser
from estimator.options.train_flags import build_parser
from estimator.trained.single_pictures import build_prediction_parser

PROJECT = pathlib.Path(__file__).resolve().parents[1]
PARSERS = {
    "train": build_parser,
    "predict": build_prediction_parser,
    "export": build_export_parser,
}


def documented_flags(text, program):
    """The flags in the tables that follow a mention of the program's help."""
    parts = re.split(r"`python estimator/(\w+)\.py --help`", text)
    rows = [
        line
        for name, part in zip(parts[1::2], parts[2::2])
        for line in part.splitlines()
        if name == program and line.startswith("| `--")
    ]
    return {flag for row in rows for flag in re.findall(r"`(--\w+)`", row.split("|")[1])}


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
class TestReadme:
    @pytest.mark.parametrize("program", sorted(PARSERS))
    def test_every_flag_is_in_the_programs_table_and_no_other(self, name, program):
        text = (PROJECT / name).read_text(encoding="utf-8")
        actions = PARSERS[program]()._actions
        flags = {flag for action in actions for flag in action.option_strings}
        assert documented_flags(text, program) == flags - {"-h", "--help"}

    def test_files_that_are_linked_exist(self, name):
        text = (PROJECT / name).read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#]+)\)", text)
        for link in links:
            assert link.startswith("https://") or (PROJECT / link).exists(), link
