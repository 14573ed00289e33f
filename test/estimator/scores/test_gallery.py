import html.parser
import re
import shutil
import subprocess

import pytest

from estimator.scores.gallery import gallery_page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
ROWS = [
    {
        "name": name,
        "input": f"outputs/inputs/{name}.png",
        "output": f"outputs/{name}.png",
        "target": f"outputs/targets/{name}.png",
        "scores": {"l1": l1, "psnr": psnr},
    }
    for name, l1, psnr in [
        ("2.jpg", 0.3, 10.0),
        ("a & b?<1>.png", 0.1, float("inf")),
        ("10.jpg", 0.2, 9.5),
    ]
]


class Reader(html.parser.HTMLParser):
    """Collects what a page shows and what it refers to."""

    def __init__(self, page):
        super().__init__()
        self.references, self.tags = [], []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.references += [value for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def page():
    return gallery_page("val", "3 images", ROWS, {"l1": "L1 (0..1)", "psnr": "PSNR (dB)"})


def names_in(page):
    return re.findall(r'<td class="name"[^>]*>(.*?)</td>', page)


class TestPage:
    def test_each_row_shows_input_output_and_target(self, page):
        assert Reader(page).tags.count("img") == 9

    def test_names_are_text_and_addresses_are_quoted(self, page):
        reader = Reader(page)
        assert "a & b?<1>.png" in reader.text
        assert "outputs/a%20%26%20b%3F%3C1%3E.png.png" in reader.references

    def test_it_refers_to_nothing_but_its_pictures(self, page):
        assert all(each.startswith("outputs/") for each in Reader(page).references)
        assert "http" not in page

    def test_scores_are_shown_in_the_units_heads_name(self, page):
        text = Reader(page).text
        assert "PSNR (dB)" in text
        assert "0.3000" in text


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
class TestInABrowser:
    @pytest.mark.parametrize(
        ("clicks", "expected"),
        [
            ([], ["2.jpg", "a &amp; b?&lt;1&gt;.png", "10.jpg"]),
            ([1], ["a &amp; b?&lt;1&gt;.png", "10.jpg", "2.jpg"]),
            ([1, 1], ["2.jpg", "10.jpg", "a &amp; b?&lt;1&gt;.png"]),
            ([2], ["10.jpg", "2.jpg", "a &amp; b?&lt;1&gt;.png"]),
            ([2, 0], ["2.jpg", "a &amp; b?&lt;1&gt;.png", "10.jpg"]),
        ],
        ids=["as written", "by L1", "by L1 from above", "by PSNR, infinity last", "by name again"],
    )
    def test_a_click_on_a_head_sorts(self, page, tmp_path, clicks, expected):
        script = "".join(
            f"document.querySelectorAll('th button')[{number}].click();" for number in clicks
        )
        path = tmp_path / "index.html"
        path.write_text(page.replace("</body>", f"<script>{script}</script></body>"))
        flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/c"]
        shown = subprocess.run(
            [CHROMIUM, *flags, "--dump-dom", path.as_uri()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
        assert names_in(shown.stdout.decode()) == expected
