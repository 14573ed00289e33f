"""What a picture costs on an exported page: python test/bench/page.py FOLDER [FOLDER ...].

Each folder, of export.py --formats=web, is opened in headless Chromium: as any server sends it, and
with the headers that allow threads. Prints a table in Markdown. Needs pip install '.[test]',
chromium and chromedriver.
"""

import argparse
import functools
import http.server
import json
import os
import shutil
import threading
import time
import types

ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
LONGEST_WAIT = 120
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, with more headers."""

    headers_to_add = types.MappingProxyType({})

    def end_headers(self):
        """Adds the headers."""
        for name, value in self.headers_to_add.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_):
        """Says nothing."""


class IsolatingHandler(Handler):
    """Serves files so that pages may share memory between threads."""

    headers_to_add = ISOLATION


def main():
    """Measures all pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="of export.py --formats=web")
    parser.add_argument("--repeats", type=int, default=20, help="pictures; the fastest counts")
    options = parser.parse_args()
    print("| filters | model, MB | but the runtime, MB | begins, s | ms, 1 thread | ms, threads |")
    print("|--:|--:|--:|--:|--:|--:|")
    for folder in options.folders:
        with open(os.path.join(folder, "page.json"), encoding="utf-8") as file:
            described = json.load(file)
        plain = measured(folder, Handler, options.repeats)
        isolated = measured(folder, IsolatingHandler, options.repeats)
        print(
            f"| {described['note']['ngf']} | {described['engine']['bytes'] / 1e6:.1f} "
            f"| {megabytes(folder):.1f} | {plain[0]:.1f} | {plain[1]:.0f} "
            f"| {isolated[1]:.0f} ({isolated[2]}) |",
            flush=True,
        )


def megabytes(folder):
    """Adds up all files but those of the runtime."""
    return (
        sum(
            os.path.getsize(os.path.join(place, name))
            for place, _, names in os.walk(folder)
            for name in names
            if os.path.basename(place) != "runtime"
        )
        / 1e6
    )


def measured(folder, handler, repeats):
    """Opens a page; returns seconds to the first output, ms of a picture, and what ran it."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    driver = browser()
    try:
        start = time.monotonic()
        driver.get(f"http://127.0.0.1:{server.server_port}/")
        wait_for(driver, 1)
        seconds = time.monotonic() - start
        times = []
        for count in range(2, repeats + 2):
            driver.find_element("css selector", "#examples button").click()
            times.append(int(wait_for(driver, count).split()[0]))
        return seconds, min(times), wait_for(driver, 1).split("(")[1].rstrip(")")
    finally:
        driver.quit()
        server.shutdown()


def browser():
    """Starts Chromium."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def wait_for(driver, count):
    """Waits until so many outputs were shown; returns the text beside the last."""
    end = time.monotonic() + LONGEST_WAIT
    script = "return document.querySelector('#output').dataset.count || 0"
    while int(driver.execute_script(script)) < count:
        if time.monotonic() > end:
            raise SystemExit(driver.find_element("css selector", "#error").text or "no output")
        time.sleep(0.02)
    return driver.find_element("css selector", "#status").text


if __name__ == "__main__":
    main()
