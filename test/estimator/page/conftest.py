"""A real Chromium, used as a person would, on pages that a server on this machine has."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import pytest

from estimator.export import main as export

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
DRIVER = shutil.which("chromedriver")
_LONGEST_WAIT = 60
# Without a display. No name is looked up: what Chromium itself would ask for reaches nobody.
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--lang=en",
    "--window-size=1280,900",
    # A camera that shows a moving picture.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def exported_page(finished, tmp_path_factory):
    """The folder of the page of a run."""
    folder = tmp_path_factory.mktemp("exported_page")
    if shutil.which("npm") is None:
        pytest.skip("there is no npm to fetch the browser's runtime")
    assert export([f"--checkpoint_dir={finished[0]}", f"--output={folder}", "--formats=web"]) == 0
    return folder / "web-6"


@pytest.fixture(scope="module")
def serve_files():
    """Serves a folder by Python's own server, which sends no headers; returns the address."""
    servers = []

    def serve(folder):
        command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
        server = subprocess.Popen(
            [*command, "--directory", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
        )
        servers.append(server)
        port = re.search(r"port (\d+)", server.stdout.readline()).group(1)
        return f"http://127.0.0.1:{port}/"

    yield serve
    for server in servers:
        server.kill()
        server.communicate()


@pytest.fixture(scope="module")
def browse(tmp_path_factory):
    """Opens a page in a new Chromium, with more flags if need be; returns a `Visit`."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("there is no Chromium with its driver (Debian: chromium, chromium-driver)")
    visits = []

    def open_page(address, *flags):
        visits.append(Visit(tmp_path_factory.mktemp("visit"), flags))
        visits[-1].open(address)
        return visits[-1]

    yield open_page
    for visit in visits:
        visit.leave()


class Visit:
    """A Chromium of its own.

    Attributes:
        driver: Selenium's.
    """

    def __init__(self, folder, flags):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        self._downloads, self._requests = folder / "downloads", folder / "requests.json"
        self._downloads.mkdir()
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*_FLAGS, f"--log-net-log={self._requests}", *flags):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior",
            {"behavior": "allow", "downloadPath": str(self._downloads)},
        )

    def open(self, address):
        self.driver.get(address)

    def leave(self):
        if self.driver is not None:
            self.driver.quit()
            self.driver = None

    def run(self, script, *arguments):
        """Runs a script in the page; a promise is waited for."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition):
        end = time.monotonic() + _LONGEST_WAIT
        while not condition():
            assert time.monotonic() < end, self.text("#error") or self.console()
            time.sleep(0.05)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def text(self, selector):
        return self.find(selector).text

    def named(self, name):
        """Finds what is pressed by the text that it shows."""
        path = f'//main//*[self::label or self::button][normalize-space()="{name}"]'
        return self.driver.find_element("xpath", path)

    @property
    def translations(self):
        """How often the output was shown."""
        return int(self.find("#output").get_attribute("data-count") or 0)

    def translated(self, act):
        """Does something and waits until the output of it, and of nothing else, is shown."""
        before = self.translations
        act()
        busy = functools.partial(self.run, "return document.body.getAttribute('aria-busy')")
        self.wait(lambda: self.translations > before and busy() == "false")

    def drag(self, start, end):
        """Drags a pointer between two places on the drawing, (x, y) from 0 to 1."""
        from selenium.webdriver import ActionChains

        canvas = self.find("#input")
        self.run("arguments[0].scrollIntoView({block: 'center'})", canvas)
        # Selenium's offsets are from the middle.
        (x, y), (to_x, to_y) = (
            [
                int((part - 0.5) * canvas.size[side])
                for part, side in zip(place, ("width", "height"))
            ]
            for place in (start, end)
        )
        actions = ActionChains(self.driver).move_to_element_with_offset(canvas, x, y)
        actions = actions.click_and_hold().move_by_offset((to_x - x) // 2, (to_y - y) // 2)
        actions.move_to_element_with_offset(canvas, to_x, to_y).release().perform()

    def saved(self, name):
        """Presses a button that saves a file; returns its path."""
        before = set(os.listdir(str(self._downloads)))
        self.named(name).click()
        is_whole = re.compile(r"\.png$").search
        self.wait(lambda: any(map(is_whole, set(os.listdir(str(self._downloads))) - before)))
        (file,) = set(os.listdir(str(self._downloads))) - before
        return self._downloads / file

    def console(self):
        """What was said on the console since the last call, of the page and its worker."""
        return [(entry["level"], entry["message"]) for entry in self.driver.get_log("browser")]

    def addresses(self):
        """Ends the visit; lists the addresses that the page and its workers have asked for.

        As Chromium's network logs them: requests of the browser itself have no page behind them.
        """
        self.leave()
        log = json.loads(pathlib.Path(self._requests).read_text(encoding="utf-8"))
        start = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
        requests = [each.get("params", {}) for each in log["events"] if each["type"] == start]
        return [
            each["url"]
            for each in requests
            if "url" in each and each.get("initiator") != "not an origin"
        ]
