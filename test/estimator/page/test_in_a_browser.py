"""The page in a real Chromium, judged by what predict.py makes of the same drawing."""

import json
import shutil
from collections import namedtuple

import numpy as np
import pytest
from PIL import Image

from estimator.predict import main as predict
from input_fn import FACADE_COLOURS

Served = namedtuple("Served", ["address", "mean", "worst", "engine"])
Served.__doc__ = """A page: its address; how far its output may be from the checkpoint's, in levels
of 255; and what its text says of where the network runs."""

# What rounding may add in another order of the same sums.
ROUNDING = 1
SIDE = 64


@pytest.fixture(scope="module", params=["browser", "server"])
def served(request):
    """The page of a run, wherever the network runs."""
    if request.param == "browser":
        exported_page = request.getfixturevalue("exported_page")
        error = json.loads((exported_page / "page.json").read_text())["error"]
        address = request.getfixturevalue("serve_files")(exported_page)
        yield Served(address, error["mean"], error["worst"], "in the browser")
        return
    finished, serving = map(request.getfixturevalue, ("finished", "serving"))
    with serving(f"--checkpoint_dir={finished[0]}", "--test_dropout=false") as server:
        yield Served(f"http://127.0.0.1:{server.port}/", 0, 0, "on the server")


@pytest.fixture(scope="module")
def page(served, browse):
    """A visit of it, once the first example is translated."""
    visit = browse(served.address)
    visit.wait(lambda: visit.translations)
    return visit


def pixels_of(page, selector):
    """uint8 [height, width, 3] of a canvas."""
    script = """
        const canvas = document.querySelector(arguments[0]);
        const {width, height} = canvas;
        const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
        return [height, width, Array.from(data)];
    """
    height, width, data = page.run(script, selector)
    picture = np.array(data, np.uint8).reshape(height, width, 4)
    assert np.all(picture[..., 3] == 255)
    return picture[..., :3]


def share_of(page, name):
    """Which part of the drawing has a class's colour."""
    return np.mean(np.all(pixels_of(page, "#input") == FACADE_COLOURS[name], axis=-1))


class TestDrawing:
    def test_a_window_becomes_what_predict_makes_of_it(self, page, served, finished, tmp_path):
        page.translated(lambda: page.named("Clear").click())
        empty = pixels_of(page, "#output")
        page.named("Rectangle").click()
        page.named("window").click()
        page.translated(lambda: page.drag((0.25, 0.3), (0.7, 0.6)))
        assert 0.1 < share_of(page, "window") < 0.2
        assert share_of(page, "window") + share_of(page, "background") == 1  # Nothing is blended.
        assert np.any(pixels_of(page, "#output") != empty)
        assert served.engine in page.text("#status")
        assert "ms" in page.text("#status")

        drawing, output = page.saved("Save drawing"), page.saved("Save output")
        flags = [f"--input={drawing}", f"--output={tmp_path / 'expected.png'}"]
        model = [f"--checkpoint_dir={finished[0]}", "--test_dropout=false"]
        assert predict([*flags, *model]) == 0
        found, expected = (
            np.asarray(Image.open(str(path)), np.float32)[..., :3]
            for path in (output, tmp_path / "expected.png")
        )
        assert found.shape == expected.shape == (SIDE, SIDE, 3)
        difference = np.abs(found - expected)
        assert difference.max() <= served.worst + ROUNDING
        assert difference.mean() <= served.mean + 0.5 * ROUNDING
        # Another drawing's output would not do.
        assert np.abs(empty - expected).max() > served.worst + ROUNDING

    def test_brush_fill_eraser_undo_redo(self, page):
        page.translated(lambda: page.named("Clear").click())
        page.named("Brush").click()
        page.named("door").click()
        page.translated(lambda: page.drag((0.5, 0.0), (0.5, 0.99)))
        assert 0 < share_of(page, "door") < 0.1
        page.named("Fill").click()
        page.named("wall").click()
        page.translated(lambda: page.drag((0.2, 0.5), (0.2, 0.5)))
        assert 0.4 < share_of(page, "wall") < 0.5  # Up to the door, which parts the picture.
        page.named("Eraser").click()
        page.translated(lambda: page.drag((0.0, 0.5), (0.99, 0.5)))
        erased = share_of(page, "wall")
        assert erased < 0.48
        page.translated(lambda: page.named("Undo").click())
        assert share_of(page, "wall") > erased
        page.translated(lambda: page.named("Redo").click())
        assert share_of(page, "wall") == erased

    def test_by_keys_alone(self, page):
        from selenium.webdriver import ActionChains, Keys

        keys = ActionChains(page.driver)
        page.translated(lambda: page.named("Clear").click())
        page.run("document.querySelector('#input').focus()")
        # R: rectangle; 4: the fourth colour.
        for key in ("r", "4", Keys.SPACE, *[Keys.ARROW_RIGHT] * 4, Keys.ARROW_DOWN):
            keys.send_keys(key)
        page.translated(keys.send_keys(Keys.SPACE).perform)
        # Steps are of a 32nd of the picture: 8 and 2 pixels, both ends within.
        assert share_of(page, "door") * SIDE * SIDE == pytest.approx(9 * 3)
        undo = ActionChains(page.driver).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL)
        page.translated(undo.perform)
        assert share_of(page, "door") == 0

    def test_live_translates_before_the_stroke_ends(self, page):
        from selenium.webdriver import ActionChains

        page.named("Brush").click()
        page.named("Live").click()
        before = page.translations
        canvas = page.find("#input")
        hold = ActionChains(page.driver).move_to_element(canvas).click_and_hold()
        hold.move_by_offset(30, 30).perform()
        page.wait(lambda: page.translations > before)
        page.translated(ActionChains(page.driver).release().perform)
        page.named("Live").click()


class TestPictures:
    def test_a_file_of_another_size(self, page, served, finished, tmp_path):
        picture = np.random.RandomState(0).randint(0, 256, (6, 9, 3)).astype(np.uint8)
        path = tmp_path / "other.png"
        Image.fromarray(picture).resize((90, 60), Image.BILINEAR).save(str(path))
        page.translated(lambda: page.find("#file").send_keys(str(path)))
        self.expect(page, served, finished, path, tmp_path, [])
        page.translated(lambda: page.named("The input's own size").click())
        self.expect(page, served, finished, path, tmp_path, ["--keep_size"])
        page.translated(lambda: page.named("The input's own size").click())

    def expect(self, page, served, finished, path, tmp_path, flags):
        files = [f"--input={path}", f"--output={tmp_path / 'expected.png'}", *flags]
        model = [f"--checkpoint_dir={finished[0]}", "--test_dropout=false"]
        assert predict([*files, *model]) == 0
        expected = np.asarray(Image.open(str(tmp_path / "expected.png")), np.float32)
        found = pixels_of(page, "#output")
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= served.worst + ROUNDING

    def test_what_is_no_picture_is_said(self, page, tmp_path):
        (tmp_path / "text.png").write_text("not a picture")
        page.find("#file").send_keys(str(tmp_path / "text.png"))
        page.wait(lambda: page.find("#error").is_displayed())
        assert "no picture" in page.text("#error")

    def test_an_example(self, page):
        before = pixels_of(page, "#input")
        page.translated(page.find("#examples button:last-child").click)
        assert np.any(pixels_of(page, "#input") != before)
        assert not page.find("#error").is_displayed()

    @pytest.mark.parametrize("way", ["drop", "paste"])
    def test_dropped_and_pasted(self, page, way):
        page.translated(lambda: page.named("Clear").click())
        script = """
            const canvas = new OffscreenCanvas(8, 8);
            const context = canvas.getContext("2d");
            context.fillStyle = "rgb(10, 200, 30)";
            context.fillRect(0, 0, 8, 8);
            return canvas.convertToBlob().then((blob) => {
                const data = new DataTransfer();
                data.items.add(new File([blob], "green.png", {type: "image/png"}));
                const event = arguments[0] === "drop"
                    ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true})
                    : new ClipboardEvent("paste", {clipboardData: data, bubbles: true});
                document.body.dispatchEvent(event);
            });
        """
        page.translated(lambda: page.run(script, way))
        assert np.all(pixels_of(page, "#input") == (10, 200, 30))

    def test_the_camera(self, page):
        page.translated(lambda: page.named("Clear").click())
        page.named("Camera").click()
        page.wait(lambda: len(np.unique(pixels_of(page, "#input").reshape(-1, 3), axis=0)) > 5)
        page.translated(lambda: page.named("Take the picture").click())
        taken = pixels_of(page, "#input")
        assert page.named("Camera").is_displayed()
        assert np.array_equal(pixels_of(page, "#input"), taken)


class TestForEveryone:
    def test_all_that_can_be_used_has_a_name(self, page):
        page.driver.execute_cdp_cmd("Accessibility.enable", {})
        nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        roles = ("button", "radio", "checkbox", "slider", "image", "application", "img")
        used = [node for node in nodes if node.get("role", {}).get("value") in roles]
        assert len(used) > 25
        nameless = [node for node in used if not node.get("name", {}).get("value")]
        assert not nameless

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_a_phone_shows_it_without_scrolling_sideways(self, page, served, language):
        sizes = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)
        page.open(f"{served.address}?lang={language}")
        page.wait(lambda: page.translations)
        assert page.run("return document.documentElement.scrollWidth") == 360
        assert page.text("h2") == {"en": "Input", "zh": "输入"}[language]
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_text_stands_out_from_the_page(self, page, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        script = "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
        text, ground = (
            np.mean([int(part) for part in colour[4:-1].split(",")]) for colour in page.run(script)
        )
        assert (text < ground) == (scheme == "light")
        assert abs(text - ground) > 150


class TestAlone:
    """Comes last: asks what all of the above has left, and ends the visit."""

    def test_nothing_is_wrong_and_nothing_leaves_the_pages_own_address(self, page, served):
        assert not [message for level, message in page.console() if level == "SEVERE"]
        addresses = page.addresses()
        assert f"{served.address}page.json" in addresses
        assert [each for each in addresses if not each.startswith((served.address, "blob:"))] == []


class TestWithoutAModel:
    def test_the_page_says_so(self, exported_page, serve_files, browse, tmp_path):
        shutil.copytree(str(exported_page), str(tmp_path / "page"))
        (tmp_path / "page" / "model.onnx").unlink()
        visit = browse(serve_files(tmp_path / "page"))
        visit.wait(lambda: visit.find("#error").is_displayed())
        assert "model.onnx: 404" in visit.text("#error")
        visit.leave()
