"""The README against the program: a flag that is not described cannot be found."""

import pathlib
import re

import pytest

from estimator.flags import build_parser

PROJECT = pathlib.Path(__file__).resolve().parents[1]


def documented_flags(text):
    rows = [line for line in text.splitlines() if line.startswith("| `--")]
    return {flag for row in rows for flag in re.findall(r"`(--\w+)`", row.split("|")[1])}


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
class TestReadme:
    def test_every_flag_is_in_the_table_and_no_other(self, name):
        text = (PROJECT / name).read_text(encoding="utf-8")
        flags = {flag for action in build_parser()._actions for flag in action.option_strings}
        assert documented_flags(text) == flags - {"-h", "--help"}

    def test_files_that_are_linked_exist(self, name):
        text = (PROJECT / name).read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#]+)\)", text)
        for link in links:
            assert link.startswith("https://") or (PROJECT / link).exists(), link
