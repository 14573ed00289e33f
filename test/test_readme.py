"""README and docs/ against the programs: a flag that is not described cannot be found."""

import importlib.util
import pathlib
import re
import sys
from urllib.parse import unquote

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "bench"))

import pytest
from quality.settings import build_parser as build_bench_parser

PROJECT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
TABLES = {
    "English": PROJECT / "docs" / "options.md",
    "Chinese": PROJECT / "docs" / "zh-CN" / "options.md",
}
LARGEST_README = 12000

_SPEC = importlib.util.spec_from_file_location(
    "option_tables", str(PROJECT / "test" / "option_tables.py")
)
option_tables = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(option_tables)


def named(path):
    return str(path.relative_to(PROJECT))


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def documented(language, program):
    """The rows of a program's table: lists of its cells."""
    text = TABLES[language].read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {program}\.py\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[each.strip() for each in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return cells[2:]  # Without the head and the line below it.


def spelled(cell):
    return re.findall(r"`([^`]+)`", cell)


def anchors(path):
    """What links into a document may name."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("program", option_tables.PROGRAMS)
class TestOptionTables:
    @pytest.mark.parametrize("language", TABLES)
    def test_every_flag_is_there_in_order_with_its_other_names(self, language, program):
        found = [spelled(cells[0]) for cells in documented(language, program)]
        assert found == [spelled(row[0]) for row in option_tables.rows(program)]

    @pytest.mark.parametrize("language", TABLES)
    def test_every_default_is_the_declared_one(self, language, program):
        declared = option_tables.rows(program)
        for number, cells in enumerate(documented(language, program)):
            wanted = declared[number][1]
            if language == "English" or not option_tables.is_in_words(program, number):
                assert cells[1] == wanted, cells[0]
            else:
                assert bool(cells[1]) == bool(wanted), cells[0]

    @pytest.mark.parametrize("language", TABLES)
    def test_every_choice_is_named(self, language, program):
        for cells, choices in zip(documented(language, program), option_tables.choices(program)):
            assert all(choice in option_tables.plain(cells[2]) for choice in choices), cells[0]

    @pytest.mark.parametrize("language", TABLES)
    def test_everything_has_a_meaning(self, language, program):
        assert all(cells[2] for cells in documented(language, program))


@pytest.mark.parametrize("program", option_tables.GROUPS)
def test_the_english_meaning_is_that_of_the_help(program):
    found = [cells[2] for cells in documented("English", program)]
    assert found == [row[2] for row in option_tables.rows(program)]
    assert [option_tables.plain(cell) for cell in found] == [
        flag.help for group in option_tables.GROUPS[program] for flag in group.flags
    ]


class TestDocuments:
    @pytest.mark.parametrize("path", DOCUMENTS, ids=named)
    def test_what_is_linked_is_there(self, path):
        for link in re.findall(r"\]\(([^)]+)\)", without_code(path.read_text(encoding="utf-8"))):
            if link.startswith("https://"):
                continue
            name, _, anchor = unquote(link).partition("#")
            target = path.parent / name if name else path
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link

    @pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
    def test_the_readme_is_short(self, name):
        assert (PROJECT / name).stat().st_size <= LARGEST_README

    @pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
    def test_the_readme_leads_to_every_document(self, name):
        text = (PROJECT / name).read_text(encoding="utf-8")
        folder = PROJECT / "docs" if name == "README.md" else PROJECT / "docs" / "zh-CN"
        for path in folder.glob("*.md"):
            assert f"({named(path)})" in text

    def test_both_languages_have_the_same_documents(self):
        # Figures of one machine are in English only.
        figures = {"performance.md", "reliability.md"}
        english = {path.name for path in (PROJECT / "docs").glob("*.md")} - figures
        assert english == {path.name for path in (PROJECT / "docs" / "zh-CN").glob("*.md")}

    def test_flags_that_documents_speak_of_exist(self):
        known = {
            name
            for program in option_tables.PROGRAMS
            for row in option_tables.rows(program)
            for name in spelled(row[0])
        }
        known |= {"--help", "--rank_table", "--bind_core", "--rank_timeout"}  # Of the launcher.
        known |= set(build_bench_parser()._option_string_actions)
        known |= {
            "--model_base_path",
            "--op_select_implmode",
            "--eval",
        }  # Of other projects' programs.
        for path in DOCUMENTS:
            text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            for code in re.findall(r"`([^`\n]*)`", text):
                if code.startswith("--"):
                    assert re.match(r"--\w+", code).group() in known, f"{path}: {code}"
