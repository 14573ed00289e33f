"""Measures what a second rank brings: python test/bench/scaling.py [--ngf=64 ...].

By turns, with synthetic facades: one rank on one core; as many ranks as there are cores, each on
its own, that train apart from each other; and the same together, once for each of --exchanges.
Ranks that train apart disturb each other as much, in memory and caches, as ranks that train
together, but exchange nothing: what a step takes longer together is the exchange, waiting for each
other included.

With --link=10 two ranks are two hosts, each in a network namespace, and the link between them has
10 Gbit/s (Linux, root). Exit code: 0, or 2 where such a link cannot be made.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from limited_link import LimitedLink

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ALONE, APART = "one rank", "apart"
# What each exchange is by the flags of train.py.
EXCHANGES = {
    f"{kind}{suffix}": [f"--exchange={kind}", f"--exchange_dtype={dtype}"]
    for kind in ("gradients", "factors")
    for suffix, dtype in (("", "float32"), ("-bfloat16", "bfloat16"), ("-float16", "float16"))
}


def main():
    """Prints a table and returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fine_size", default="256", help="size of the pictures (256)")
    parser.add_argument("--ngf", type=int, default=64, help="filters of both networks (64)")
    parser.add_argument("--steps", type=int, default=40, help="steps of each run (40)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each kind (3)")
    parser.add_argument(
        "--exchanges",
        type=exchanges,
        default=["gradients"],
        help="what ranks exchange, separated by commas: " + ", ".join(EXCHANGES) + " (gradients)",
    )
    parser.add_argument("--link", type=rate, help="Gbit/s of a link between two hosts")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if options.link and len(cores) != 2:
        parser.error(f"--link is for two cores, and here are {len(cores)}; see `taskset -c 0,1`")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        folder = pathlib.Path(folder)
        hosts = None
        if options.link:
            try:
                hosts = stack.enter_context(LimitedLink(options.link, folder))
            except OSError as error:
                parser.error(f"--link={options.link:g} needs `ip` and `tc` of iproute2: {error}")
            except subprocess.CalledProcessError as error:
                parser.error(
                    f"--link={options.link:g}: {' '.join(error.cmd)}: {error.stderr.strip()}"
                )
        data = folder / "data"
        make_data(data)
        steps = measure_by_turns(options, data, folder, cores, hosts)
    print_table(options, len(cores), {kind: statistics.median(ms) for kind, ms in steps.items()})
    return 0


def measure_by_turns(options, data, folder, cores, hosts):
    """Trains once in each way, as often as --repeats says.

    Args:
        options: The flags.
        data: Folder of the pairs.
        folder: Of the results.
        cores: List of the cores, one for each rank.
        hosts: The LimitedLink over which ranks train together, or None: all are on one host.

    Returns:
        Dict of the kind to the list of its milliseconds per step.
    """
    apart = [Launch([core]) for core in cores]
    together = [Launch(cores)]
    if hosts:
        together = [Launch([core], hosts, number) for number, core in enumerate(cores)]
    launches = {ALONE: apart[:1], APART: apart}
    launches.update(dict.fromkeys(options.exchanges, together))
    steps = {kind: [] for kind in launches}
    for repeat in range(options.repeats):
        for kind, parts in launches.items():
            output = folder / f"{kind}-{repeat}"
            steps[kind] += measure(options, data, output, parts, EXCHANGES.get(kind, []))
    return steps


def exchanges(text):
    """Reads names of exchanges, separated by commas."""
    names = text.split(",")
    unknown = [name for name in names if name not in EXCHANGES]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no exchange {unknown[0]!r}; use {', '.join(EXCHANGES)}"
        )
    return names


def rate(text):
    """Reads a positive number."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no rate in Gbit/s; 10 would be one")
    return number


def make_data(folder):
    """Writes 16 pairs, in a process of its own, which says what TensorFlow has to say."""
    program = "import sys; from input_fn import write_data_set; "
    program += "write_data_set(sys.argv[1], train=16, val=1, seed=0)"
    command = [sys.executable, "-W", "ignore", "-c", program, str(folder)]
    subprocess.run(command, check=True, cwd=str(PROJECT))


def measure(options, data, output, launches, flags):
    """Trains by some launches at the same time, all with the same flags.

    Returns:
        List of milliseconds per step: of each launch in whose folder rank 0 worked.
    """
    folders = [output / str(number) for number in range(len(launches))]
    processes = [
        launch.start(options, data, folder, flags) for launch, folder in zip(launches, folders)
    ]
    for process in processes:
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, process.args)
    reports = [folder / "0" / "ckpt" / "throughput.json" for folder in folders]
    return [json.loads(report.read_text())["step_ms_p50"] for report in reports if report.exists()]


class Launch:
    """A start of the launcher, with a rank on each of some cores."""

    def __init__(self, cores, hosts=None, number=0):
        """Args are the cores, and the LimitedLink and the number of the host, if it is on one."""
        self._cores = cores
        self._prefix, self._flags = [], []
        self._environment = {"RANK_SIZE": str(len(cores))}
        if hosts:
            self._prefix = hosts.prefixes[number]
            self._flags = [f"--rank_table={hosts.rank_table}"]
            self._environment = hosts.environments[number]

    def start(self, options, data, output, flags):
        """Starts it, with flags of train.py, and returns the process."""
        command = [
            *self._prefix,
            sys.executable,
            str(PROJECT / "estimator" / "launch.py"),
            f"--output_dir={output}",
            "--bind_core",
            *self._flags,
            f"--data_path={data}",
            f"--image_size={options.fine_size}",
            f"--ngf={options.ngf}",
            f"--ndf={options.ngf}",
            f"--max_steps={options.steps}",
            "--eval_steps=0",
            "--device=cpu",
            *flags,
        ]
        return subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **self._environment},
            preexec_fn=lambda: os.sched_setaffinity(0, self._cores),
        )


def print_table(options, ranks, milliseconds):
    """Prints a table in Markdown from the milliseconds per step of each kind."""
    link = f", over {options.link:g} Gbit/s" if options.link else ""
    print(f"{options.fine_size} pixels, {options.ngf} filters, one core to a rank{link}")
    print("| ranks | images/sec | ms per step | share of the exchange |")
    print("|---|--:|--:|--:|")
    rows = [("1", 1, ALONE), (f"{ranks}, apart", ranks, APART)]
    rows += [(f"{ranks}, {name}", ranks, name) for name in milliseconds if name in EXCHANGES]
    for name, count, kind in rows:
        step = milliseconds[kind]
        share = "" if kind == ALONE else f"{max(0.0, 1 - milliseconds[APART] / step):.0%}"
        print(f"| {name} | {1000 * count / step:.2f} | {step:.1f} | {share} |")


if __name__ == "__main__":
    sys.exit(main())
