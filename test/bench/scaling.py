"""Measures what a second rank brings: python test/bench/scaling.py [--ngf=64 ...].

One rank on one core against as many ranks as there are cores, each on its own, by turns, with
synthetic facades. The share of a step that goes into the exchange of gradients, waiting included,
is what a step takes longer with several ranks than with one, since each does the same work.
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
sys.path.insert(0, str(PROJECT))


def main():
    """Prints a table and returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fine_size", default="256", help="size of the pictures (256)")
    parser.add_argument("--ngf", type=int, default=64, help="filters of both networks (64)")
    parser.add_argument("--steps", type=int, default=40, help="steps of each run (40)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each kind (3)")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    counts = [1, len(cores)]
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "data"
        make_data(data)
        runs = {count: [] for count in counts}
        for repeat in range(options.repeats):
            for count in counts:
                output = pathlib.Path(folder) / f"{count}-{repeat}"
                runs[count].append(measure(options, data, output, cores[:count]))
    alone = statistics.median(run["step_ms_p50"] for run in runs[1])
    print(f"{options.fine_size} pixels, {options.ngf} filters, {len(cores)} cores")
    print("| ranks | images/sec | ms per step | share of the exchange |")
    print("|---|---|---|---|")
    for count in counts:
        rate = statistics.median(run["images_per_sec_median"] for run in runs[count])
        step = statistics.median(run["step_ms_p50"] for run in runs[count])
        share = "" if count == 1 else f"{max(0.0, 1 - alone / step):.0%}"
        print(f"| {count} | {rate:.2f} | {step:.0f} | {share} |")
    return 0


def make_data(folder):
    """Writes 16 pairs, in a process of its own, which says what TensorFlow has to say."""
    program = "import sys; from input_fn import write_data_set; "
    program += "write_data_set(sys.argv[1], train=16, val=1, seed=0)"
    command = [sys.executable, "-W", "ignore", "-c", program, str(folder)]
    subprocess.run(command, check=True, cwd=str(PROJECT))


def measure(options, data, output, cores):
    """Trains with one rank per core; returns the throughput report."""
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
    ]
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "RANK_SIZE": str(len(cores))},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    return json.loads((output / "0" / "ckpt" / "throughput.json").read_text())


if __name__ == "__main__":
    sys.exit(main())
