"""Measures what a second rank brings: python test/bench/scaling.py [--ngf=64 ...].

By turns, with synthetic facades: one rank on one core; as many ranks as there are cores, each on
its own, that train apart from each other; and the same together, once for each of --exchanges.
Ranks that train apart disturb each other as much, in memory and caches, as ranks that train
together, but exchange nothing: what a step takes longer together is the exchange, waiting for each
other included.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

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
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    # Each launch has the cores of its ranks.
    launches = {ALONE: [cores[:1]], APART: [[core] for core in cores]}
    launches.update({name: [cores] for name in options.exchanges})
    steps = {kind: [] for kind in launches}
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        make_data(data)
        for repeat in range(options.repeats):
            for kind, shares in launches.items():
                output = pathlib.Path(folder) / f"{kind}-{repeat}"
                flags = EXCHANGES.get(kind, [])
                steps[kind] += measure(options, data, output, shares, flags)
    print_table(options, len(cores), {kind: statistics.median(ms) for kind, ms in steps.items()})
    return 0


def exchanges(text):
    """Reads names of exchanges, separated by commas."""
    names = text.split(",")
    unknown = [name for name in names if name not in EXCHANGES]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no exchange {unknown[0]!r}; use {', '.join(EXCHANGES)}"
        )
    return names


def make_data(folder):
    """Writes 16 pairs, in a process of its own, which says what TensorFlow has to say."""
    program = "import sys; from input_fn import write_data_set; "
    program += "write_data_set(sys.argv[1], train=16, val=1, seed=0)"
    command = [sys.executable, "-W", "ignore", "-c", program, str(folder)]
    subprocess.run(command, check=True, cwd=str(PROJECT))


def measure(options, data, output, shares, flags):
    """Trains with one rank per core, one launch for each share of the cores, at the same time.

    All of them have the flags.

    Returns:
        List of the launches' milliseconds per step.
    """
    launches = [
        launch(options, data, output / str(number), cores, flags)
        for number, cores in enumerate(shares)
    ]
    for process in launches:
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, process.args)
    reports = [output / str(number) / "0" / "ckpt" for number in range(len(shares))]
    return [
        json.loads((report / "throughput.json").read_text())["step_ms_p50"] for report in reports
    ]


def launch(options, data, output, cores, flags):
    """Starts ranks that train together, one on each of some cores, with flags of train.py."""
    command = [
        sys.executable,
        str(PROJECT / "estimator" / "launch.py"),
        f"--output_dir={output}",
        "--bind_core",
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
        env={**os.environ, "RANK_SIZE": str(len(cores))},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )


def print_table(options, ranks, milliseconds):
    """Prints a table in Markdown from the milliseconds per step of each kind."""
    print(f"{options.fine_size} pixels, {options.ngf} filters, one core to a rank")
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
