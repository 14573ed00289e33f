import html.parser
import pathlib
import re

import pytest

import estimator.page
from input_fn import FACADE_COLOURS

STATIC = pathlib.Path(estimator.page.__file__).parent / "static"
LARGEST_FILE = 250  # Lines.


class Texts(html.parser.HTMLParser):
    """Collects what a page shows or has read out."""

    def __init__(self, content):
        super().__init__()
        self.texts, self._is_shown = set(), True
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self._is_shown = tag not in ("script", "style")
        self.texts |= {value for name, value in attributes if name in ("aria-label", "title")}

    def handle_data(self, data):
        text = " ".join(data.split())
        if text and self._is_shown:
            self.texts.add(text)


@pytest.fixture(scope="module")
def chinese():
    """The texts that have a translation."""
    content = (STATIC / "chinese.js").read_text(encoding="utf-8")
    pairs = re.findall(r'^  (?:"(.+?)"|(\w+)):\s+"(.+?)",$', content, re.MULTILINE)
    return {quoted or plain: translation for quoted, plain, translation in pairs}


def test_all_that_the_page_shows_has_a_translation(chinese):
    shown = Texts((STATIC / "index.html").read_text(encoding="utf-8")).texts
    for path in STATIC.glob("*.js"):
        shown |= set(re.findall(r'\bsay\("(.+?)"\)', path.read_text(encoding="utf-8")))
    assert len(shown) > 45
    assert shown - set(chinese) == set()


def test_so_have_the_classes_that_are_known(chinese):
    assert set(FACADE_COLOURS) <= set(chinese)


def test_translations_are_chinese(chinese):
    assert [text for text in chinese.values() if not re.search("[\u4e00-\u9fff]", text)] == []


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_files_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST_FILE
