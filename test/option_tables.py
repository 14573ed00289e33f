"""Prints the rows of the option tables in docs/options.md: python test/option_tables.py PROGRAM.

PROGRAM is train, predict, export, serve, import_model or prepare. A writer pastes the rows into the
document; a test compares them, and flags and defaults of the Chinese tables, with the declarations.
"""

import argparse
import pathlib
import re
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from estimator.options.export_flags import EXPORT_GROUPS
from estimator.options.import_flags import IMPORT_GROUPS
from estimator.options.predict_flags import PREDICT_GROUPS
from estimator.options.serve_flags import SERVE_GROUPS
from estimator.options.train_flags import TRAIN_GROUPS
from input_fn.prepare import build_parser

GROUPS = {
    "train": TRAIN_GROUPS,
    "predict": PREDICT_GROUPS,
    "export": EXPORT_GROUPS,
    "serve": SERVE_GROUPS,
    "import_model": IMPORT_GROUPS,
}
PREPARE = "prepare"
PROGRAMS = (*GROUPS, PREPARE)
REQUIRED = "required"
NUMBERS = {2: "two", 3: "three"}
# What is set as code wherever it stands in a sentence.
_CODE = (
    r"'[^' ]+'",  # A pattern of files.
    r"--\w+(?:=[\w,]+)?",
    r"(?<= )-(?= )",  # The standard input.
    r"(?<![\w.])\.(?:npy|pb|json|onnx)\b",
    r"\bFILE\.png\b",
    r"\bNAME=DIR\b",
    r"\bR,G,B NAME\b",
    r"#RRGGBB NAME\b",
    r"\b(?:[A-Za-z]\w*/)+(?:\w+\b)?",  # A path.
    r"\b(?:DIR|FILE|HxW|N)\b",
    r"\b\d+\|[\d|-]+",
    r"\b\w+_\w+\b",
)


def rows(program):
    """Lists the rows of a program's table: (flags, default, meaning), in Markdown."""
    if program == PREPARE:
        return _prepare_rows()
    return [
        (_names(flag.spellings), _default(flag, group), _marked(flag.help, _words(flag)))
        for group in GROUPS[program]
        for flag in group.flags
    ]


def choices(program):
    """Lists what each row's flag may be, a tuple of words; () for anything."""
    if program == PREPARE:
        return [()] * len(_prepare_rows())
    return [flag.choices or () for group in GROUPS[program] for flag in group.flags]


def is_in_words(program, number):
    """Whether the default in a row is said in words, for which each language has its own."""
    cell = rows(program)[number][1]
    return cell != "" and re.fullmatch(r"`[^`]*`", cell) is None


def plain(cell):
    """Takes the marks out of a cell again."""
    return cell.replace("\\|", "|").replace("`", "")


def _names(spellings):
    return ", ".join(f"`{name}`" for name in spellings)


def _default(flag, group):
    if flag.required:
        return REQUIRED
    if group.exclusive:
        return f"one of the {NUMBERS[len(group.flags)]}"
    if flag.computed:
        return _marked(flag.computed, flag.choices or ())
    return f"`{flag.default_text}`" if flag.default_text else ""


def _words(flag):
    """The words that may be a flag's value."""
    named = [word for word in (flag.metavar or "").split("|") if word.islower()]
    return [*(flag.choices or ()), *named]


def _marked(text, words=()):
    """Sets words, flags, paths and the like as code, and escapes what ends a table's cell."""
    pattern = "|".join([*_CODE, *(rf"\b{re.escape(word)}\b(?!/)" for word in words)])
    return re.sub(pattern, lambda found: f"`{found.group()}`", text).replace("|", "\\|")


def _prepare_rows():
    listed = []
    commands = _prepare_commands()
    helps = {each.dest: each.help for each in commands._choices_actions}
    for name, parser in commands.choices.items():
        actions = [each for each in parser._actions if not isinstance(each, argparse._HelpAction)]
        places = [each.metavar or each.dest for each in actions if not each.option_strings]
        listed.append((f"`{' '.join([name, *places])}`", "", _marked(helps[name])))
        for action in actions:
            if action.option_strings:
                meaning = re.sub(r" ?\(default: [^)]*\)", "", action.help or "")
                cells = _names(action.option_strings), _default_of_action(action)
                listed.append((*cells, _marked(meaning, action.choices or ())))
    return listed


def _prepare_commands():
    parser = build_parser()
    (found,) = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return found


def _default_of_action(action):
    if action.required:
        return REQUIRED
    default = action.default
    if default is None:
        return ""
    if isinstance(default, tuple):
        default = "x".join(map(str, default[:1] if len(set(default)) == 1 else default))
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def main():
    """Prints one program's rows."""
    (program,) = sys.argv[1:]
    for row in rows(program):
        print("| " + " | ".join(row).replace("|  |", "| |") + " |")


if __name__ == "__main__":
    main()
