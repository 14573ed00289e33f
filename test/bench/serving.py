"""serve.py under load, on this machine: python test/bench/serving.py --checkpoint_dir DIR.

Compares every answer with what the network makes of the same picture alone, and prints, as tables
in Markdown, how long answers took beside the bare network, how bad requests were answered, and the
server's memory.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import glob
import http.client
import io
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(1, os.path.dirname(os.path.abspath(__file__)))

import numpy as np
from bad_requests import HOST, bad_requests
from PIL import Image

from estimator.runtime import prepare_tensorflow

PROJECT = sys.path[0]
SECONDS = 300
_MEGABYTE = 10**6

Reference = collections.namedtuple("Reference", ["contents", "levels", "alone_ms", "batch_ms"])
Reference.__doc__ = """What to compare with: files of pictures, bytes; what the network makes of
each, uint8; and milliseconds per picture of the bare network, alone and in batches."""


def parse():
    """Reads the flags."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint_dir", required=True, metavar="DIR", help="a run's folder")
    parser.add_argument("--pictures", metavar="GLOB", help="inputs; default: noise")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--at_a_time", type=int, default=32)
    parser.add_argument("--bad", type=int, default=500, help="bad requests")
    parser.add_argument("--max_batch", type=int, default=8)
    parser.add_argument("--timeout_s", type=float, default=60)
    parser.add_argument("--max_body_mb", type=float, default=32)
    return parser.parse_args()


def main():
    """Measures and prints; the exit code is 1 if an answer was lost or wrong."""
    options = parse()
    prepare_tensorflow()
    reference = bare(options)
    with started(options) as port:
        ask(port, reference.contents[0])
        memory = [resident(port)]
        seconds, differences, elapsed = load(options, port, reference)
        memory.append(resident(port))
        batches = counted(port, "batch_pictures_sum") / counted(port, "batch_pictures_count")
        wrong_codes = refusals(options, port, reference)
        memory.append(resident(port))
        # After the bad ones it serves as before.
        after, more_differences, _ = load(options, port, reference, options.at_a_time)
    print_load(options, reference, seconds, differences, elapsed, batches)
    wrong = sum(difference > 1 for difference in differences + more_differences)
    lost = options.requests - len(seconds) + options.at_a_time - len(after)
    print(f"\nlost: {lost}, wrong: {wrong}, bad requests with another code: {len(wrong_codes)}")
    for name, status, found in sorted(set(wrong_codes)):
        print(f"{name}: {found} for {status}")
    print("server's memory in MB, at first, after the load, after the bad requests: ", end="")
    print(", ".join(f"{each / _MEGABYTE:.0f}" for each in memory))
    return int(bool(lost or wrong or wrong_codes))


def bare(options):
    """Has the network translate the pictures without a server, timed."""
    from estimator.options.predict_flags import parse_predict_options
    from estimator.trained.opening import open_predictor

    flags = [
        "--input=-",
        "--output=-",
        "--device=cpu",
        f"--checkpoint_dir={options.checkpoint_dir}",
    ]
    with open_predictor(parse_predict_options(flags), 1) as predictor:
        contents = pictures(options.pictures, predictor.pair_format.fine_size)
        prepared = [predictor.prepare(content) for content in contents]
        levels = []
        for each in prepared:
            output = predictor.translate(each.x[None])[0]
            levels.append(predictor.present(each, output)[0])
        batch = np.stack([prepared[n % len(prepared)].x for n in range(options.max_batch)])
        predictor.translate(batch)
        alone = fastest(lambda: predictor.translate(batch[:1]))
        together = fastest(lambda: predictor.translate(batch)) / options.max_batch
    return Reference(contents, levels, alone, together)


def pictures(pattern, size):
    """Reads the files, or makes eight of noise."""
    if pattern is not None:
        contents = []
        for path in sorted(glob.glob(pattern))[:8]:
            with open(path, "rb") as file:
                contents.append(file.read())
        return contents
    random = np.random.RandomState(0)
    contents = []
    for _ in range(8):
        buffer = io.BytesIO()
        coarse = Image.fromarray(random.randint(0, 256, [8, 8, 3]).astype(np.uint8))
        coarse.resize(size[::-1], Image.BILINEAR).save(buffer, format="PNG")
        contents.append(buffer.getvalue())
    return contents


def fastest(function, repeats=5):
    """Milliseconds of the fastest call, which other programs disturb least."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        function()
        times.append(time.perf_counter() - begun)
    return min(times) * 1000


@contextlib.contextmanager
def started(options):
    """Starts serve.py; yields its port."""
    flags = [f"--{name}={getattr(options, name)}" for name in ("max_batch", "timeout_s")]
    flags += [
        f"--max_body_mb={options.max_body_mb:g}",
        f"--checkpoint_dir={options.checkpoint_dir}",
    ]
    program = os.path.join(PROJECT, "estimator", "serve.py")
    process = subprocess.Popen(
        [sys.executable, program, "--device=cpu", "--port=0", *flags],
        stdout=subprocess.PIPE,
        universal_newlines=True,
    )
    try:
        yield int(re.search(r":(\d+)$", process.stdout.readline().strip()).group(1))
        process.terminate()
        if process.wait(timeout=SECONDS) != 0:
            raise RuntimeError(f"serve.py ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()


def ask(port, content, connection=None):
    """Has one picture translated; returns (status, body)."""
    connection = connection or http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    connection.request("POST", "/v1/translate", content, {"Content-Type": "image/png"})
    response = connection.getresponse()
    return response.status, response.read()


def load(options, port, reference, requests=None):
    """Sends requests, so many at a time, each thread by a connection of its own.

    Returns:
        Seconds of those that were answered, how far the levels of each are off, and the time of
        all.
    """
    own = threading.local()

    def one(number):
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
        place = number % len(reference.contents)
        begun = time.perf_counter()
        status, body = ask(port, reference.contents[place], own.connection)
        taken = time.perf_counter() - begun
        if status != 200:
            return None
        with Image.open(io.BytesIO(body)) as picture:
            levels = np.asarray(picture).reshape(reference.levels[place].shape)
        difference = np.abs(levels.astype(int) - reference.levels[place]).max()
        return taken, int(difference)

    begun = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(options.at_a_time) as pool:
        results = list(pool.map(one, range(requests or options.requests)))
    elapsed = time.perf_counter() - begun
    answered = [result for result in results if result is not None]
    return [taken for taken, _ in answered], [difference for _, difference in answered], elapsed


def refusals(options, port, reference):
    """Sends bad requests, all kinds in turn; returns (name, code, code found) where it is wrong."""
    kinds = bad_requests(int(options.max_body_mb * _MEGABYTE))

    def one(number):
        bad = kinds[number % len(kinds)]
        try:
            found = bad.send(port, reference.contents[0])
        except OSError as error:
            found = type(error).__name__
        return None if found == bad.status else (bad.name, bad.status, found)

    with concurrent.futures.ThreadPoolExecutor(options.at_a_time) as pool:
        return [wrong for wrong in pool.map(one, range(options.bad)) if wrong is not None]


def counted(port, name):
    """Reads one of the server's metrics."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode("utf-8")
    return float(re.search(rf"^pix2pix_{name} (\S+)$", text, re.MULTILINE).group(1))


def resident(port):
    """The server's memory, in bytes."""
    return counted(port, "resident_memory_bytes")


def print_load(options, reference, seconds, differences, elapsed, batches):
    """Prints the table of times."""
    p50, p99 = (1000 * np.percentile(seconds, share) for share in (50, 99))
    exact = sum(difference == 0 for difference in differences)
    print("| | ms |")
    print("|---|--:|")
    print(f"| bare network, a picture alone | {reference.alone_ms:.0f} |")
    print(f"| bare network, of a batch of {options.max_batch} | {reference.batch_ms:.0f} |")
    print(
        f"| server, {options.at_a_time} at a time: time per picture | "
        f"{1000 * elapsed / options.requests:.0f} |"
    )
    print(f"| server, answer: half within (p50) | {p50:.0f} |")
    print(f"| server, answer: 99 of 100 within (p99) | {p99:.0f} |")
    print(
        f"\n{options.requests} requests in {elapsed:.0f} s, {batches:.1f} pictures to a batch; "
        f"{exact} answers are those of the picture alone to the bit, "
        f"{len(differences) - exact} within {max(differences, default=0)} of 255 levels"
    )


if __name__ == "__main__":
    sys.exit(main())
