"""Measures training on this machine and writes a table, in Markdown and as JSON.

Whole programs are started as users start them, by turns, and timed by the lines that they print:
ours for each batch size, precision mode and runtime, and with --peer a checkout of another port on
the same data. Beside them stand the model alone on one batch, what hooks, summaries and checkpoints
cost, the input pipeline alone, and the time that the operations of a step would take at the rate of
large matrix products. Figures are medians; nothing else should run meanwhile.
"""

import argparse
import collections
import functools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import timed_programs

BENCH = pathlib.Path(__file__).resolve().parent
FLOAT32, MIXED = "force_fp32", "allow_mix_precision"
_WARM_UP = 3
# Larger batches take longer, and vary less: steps and warm-up up to a batch size.
_LARGER_BATCHES = {8: (6, 2), float("inf"): (3, 1)}


def main():
    """Measures, writes and prints; returns the exit code."""
    options = build_parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pythons = timed_programs.runtimes(options.python)
        if not pythons:
            print(
                "error: no Python with TensorFlow was found; name one by --python", file=sys.stderr
            )
            return 2
        data = options.data_path or make_data(next(iter(pythons.values())), folder)
        try:
            peers = peer_programs(options, pythons, data)
        except ValueError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        programs, alone = dict(peers), []
        for version, python in pythons.items():
            for mode, measured in models_alone(python, options).items():
                alone.append(measured)
                for batch in options.batches:
                    programs[version, measured["precision"], batch] = functools.partial(
                        timed_programs.our_program,
                        python,
                        data=data,
                        options=options,
                        batch_size=batch,
                        precision_mode=mode,
                    )
        timings = time_by_turns(programs, options)
        pipeline = pipeline_rate(next(iter(pythons.values())), data, options.steps)
    results = summarize(options, timings, alone, pipeline)
    write(options.output, results)
    return 0


def build_parser():
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data_path", metavar="DIR", help="folder with train/ (default: 40 synthetic pairs)")
    add("--python", action="append", help="an interpreter (default: this one and those of .venv/)")
    add("--peer", action="append", default=[], metavar="DIR", help="a checkout of another port")
    add("--peer_python", help="its interpreter (default: that of the oldest TensorFlow)")
    add("--batches", type=numbers, default=(1, 4, 16), help="batch sizes (1,4,16)")
    add("--fine_size", type=int, default=256, help="size of the pictures (256)")
    add("--filters", type=int, default=64, help="of both networks' first layers (64)")
    add("--steps", type=int, default=10, help="timed steps of a round with batch 1 (10)")
    add("--rounds", type=int, default=2, help="rounds of all programs with batch 1 (2)")
    add("--output", default="performance", help="files to write, without their extensions")
    return parser


def numbers(text):
    """Parses whole numbers above 0, separated by commas."""
    values = tuple(map(int, text.split(",")))
    if min(values) < 1:
        raise argparse.ArgumentTypeError(f"{text}: batch sizes are at least 1")
    return values


def make_data(python, folder):
    """Writes 40 synthetic pairs."""
    program = "import sys; from input_fn import write_data_set; "
    program += "write_data_set(sys.argv[1], train=40, val=0)"
    command = [python, "-W", "ignore", "-c", program, f"{folder}/data"]
    subprocess.run(command, check=True, cwd=str(BENCH.parents[1]), stderr=subprocess.DEVNULL)
    return f"{folder}/data"


def peer_programs(options, pythons, data):
    """Maps the peers' (version, name, batch) to functions of a folder that describe them."""
    version, python = next(iter(pythons.items()))
    if options.peer_python:
        (version,) = timed_programs.runtimes([options.peer_python])
        python = options.peer_python
    programs = {}
    for peer in options.peer:
        make = functools.partial(
            timed_programs.peer_program, python, data=data, options=options, peer=peer
        )
        with tempfile.TemporaryDirectory() as folder:
            make(folder)  # Raises now what it would raise later.
        programs[version, pathlib.Path(peer).resolve().name, 1] = make
    return programs


def models_alone(python, options):
    """Measures the model alone in each precision mode that a runtime has."""
    mixed = model_alone(python, MIXED, options)
    if mixed["precision"] == "float32":
        return {FLOAT32: mixed}
    return {FLOAT32: model_alone(python, FLOAT32, options), MIXED: mixed}


def model_alone(python, mode, options):
    """Measures the model alone in a process of its own; see model_alone.py."""
    command = [python, str(BENCH / "model_alone.py"), f"--precision_mode={mode}"]
    command += [f"--fine_size={options.fine_size}", f"--filters={options.filters}"]
    command += [f"--steps={options.steps}"]
    process = subprocess.run(command, check=True, capture_output=True)
    return json.loads(process.stdout.decode().splitlines()[-1])


def time_by_turns(programs, options):
    """Times all programs, those with batch 1 in several rounds.

    Returns:
        Dict of the programs' keys to lists of `Timing`, or to the error of one that failed.
    """
    timings = collections.defaultdict(list)
    for number in range(options.rounds):
        for key, make_program in programs.items():
            batch = key[2]
            if number and (batch > 1 or isinstance(timings[key], Exception)):
                continue
            steps, warm_up = options.steps, _WARM_UP
            if batch > 1:
                limit = min(size for size in _LARGER_BATCHES if batch <= size)
                steps, warm_up = _LARGER_BATCHES[limit]
            print(f"timing {', '.join(map(str, key))}", file=sys.stderr, flush=True)
            try:
                timings[key].append(timed_programs.timed_in_a_folder(make_program, steps, warm_up))
            except timed_programs.ProgramError as error:
                timings[key] = error
    return timings


def pipeline_rate(python, data, seconds):
    """Measures the input pipeline alone, in pairs per second; see input_pipeline.py."""
    command = [python, str(BENCH / "input_pipeline.py"), f"--data_path={data}"]
    command += ["--model_step_ms=1", f"--seconds={seconds / 10}", "--repeats=3"]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout.decode()
    return float(re.search(r"^pipeline, pairs/s +([\d.]+)", output, re.MULTILINE).group(1))


def summarize(options, timings, alone, pipeline):
    """Turns measurements into what is written as JSON."""
    programs = []
    for (version, name, batch), timing in timings.items():
        row = {"runtime": f"TensorFlow {version}", "program": name, "batch": batch}
        if isinstance(timing, Exception):
            programs.append({**row, "error": str(timing)})
            continue
        step_ms = statistics.median(ms for one in timing for ms in one.step_ms)
        row.update(
            step_ms=step_ms,
            images_per_sec=1000 * batch / step_ms,
            first_step_seconds=statistics.median(one.first_step_seconds for one in timing),
            peak_mb=max(one.peak_mb for one in timing),
        )
        programs.append(row)
    return {
        "machine": f"{processor()}, {len(os.sched_getaffinity(0))} cores",
        "pictures": f"{options.fine_size}x{options.fine_size}, {options.filters} filters",
        "programs": programs,
        "model_alone": alone,
        "pipeline_pairs_per_sec": pipeline,
    }


def processor():
    """Reads the processor's name."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*: (.+)", file.read(), re.MULTILINE)
    return found.group(1) if found else "unknown processor"


def table(results):
    """Formats the results in Markdown."""
    peers = [row for row in results["programs"] if row["program"] not in ("float32", "bfloat16")]
    standard = next((row["step_ms"] for row in peers if "step_ms" in row), None)
    lines = [f"{results['machine']}; {results['pictures']}.", ""]
    lines += ["| runtime | program | batch | images/sec | ms per step | of the peer's step |"]
    lines[-1] += " first step after, s | peak memory, MB |"
    lines += ["|---|---|--:|--:|--:|--:|--:|--:|"]
    for row in results["programs"]:
        start = f"| {row['runtime']} | {row['program']} | {row['batch']} |"
        if "error" in row:
            lines.append(f"{start} failed: {row['error']} | | | | |")
            continue
        share = ""
        if standard is not None and row["batch"] == 1:
            share = f"{row['step_ms'] / standard:.2f}"
        lines.append(
            f"{start} {row['images_per_sec']:.2f} | {row['step_ms']:.0f} | {share} "
            f"| {row['first_step_seconds']:.1f} | {row['peak_mb']:.0f} |"
        )
    lines += ["", "| model alone, batch 1 | precision | ms per step | hooks |"]
    lines[-1] += " summaries | checkpoints | 10^9 operations | 10^9 per s in products | floor, ms |"
    lines[-1] += " passes, ms |"
    lines += ["|---|---|" + 8 * "--:|"]
    lines += [
        f"| TensorFlow {one['tensorflow']} | {one['precision']} | {one['step_ms']:.0f} "
        f"| {one['hooks_share']:.1%} | {one['summaries_share']:.1%} "
        f"| {one['checkpoint_share']:.1%} | {one['gflop']:.1f} "
        f"| {one['product_gflops']:.0f} | {one['floor_ms']:.0f} "
        f"| {one['passes_ms']:.0f} |"
        for one in results["model_alone"]
    ]
    rate = results["pipeline_pairs_per_sec"]
    return "\n".join([*lines, "", f"Input pipeline alone: {rate:.0f} pairs per second.", ""])


def write(path, results):
    """Writes both files and prints the table."""
    text = table(results)
    pathlib.Path(f"{path}.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    pathlib.Path(f"{path}.md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    sys.exit(main())
