"""Many steps: memory, files and threads stay what they were."""

import collections
import os
import pathlib
import re
import time

from common import SMALL, Outcome, end_of, start, write_pairs

_GROWTH = 1.05
_SPAN = 500  # Steps.


def attack(folder, count, draws):
    """Trains `count` thousand steps."""
    del draws
    write_pairs(folder / "data", train=20, val=2)
    flags = [f"--data_path={folder / 'data'}", *SMALL, f"--max_steps={count * 1000}"]
    flags += ["--print_freq=100", "--save_checkpoints_steps=500", "--eval_steps=2"]
    process = start("estimator/train.py", *flags, f"--checkpoint_dir={folder / 'run'}")
    samples = collections.defaultdict(list)
    os.set_blocking(process.stdout.fileno(), False)
    seen = ""
    while process.poll() is None:
        seen = (seen + (process.stdout.read() or b"").decode())[-2000:]
        steps = re.findall(r"step: (\d+)/", seen)
        # At the last step it begins to end, which frees what it holds.
        if steps and int(steps[-1]) < count * 1000:
            samples[int(steps[-1]) // _SPAN * _SPAN].append(size_of(process.pid))
        time.sleep(0.2)
    code, _, error = end_of(process)
    outcome = Outcome(f"{count},000 steps: memory, open files, threads")
    complaints = [] if code == 0 else [f"exit code {code}: {error[-300:]}"]
    # What comes after the first thousand steps, and last.
    spans = [span for span in sorted(samples) if span >= 1000] or sorted(samples)
    first, last = (kept_in(samples[span]) for span in (spans[0], spans[-1]))
    if last[0] > first[0] * _GROWTH:
        complaints.append(
            f"memory: {first[0]} MB from step {spans[0]}, {last[0]} MB from {spans[-1]}"
        )
    if last[1] > first[1] or last[2] > first[2]:
        complaints.append(
            f"files, threads: {first[1:]} from step {spans[0]}, {last[1:]} from {spans[-1]}"
        )
    outcome.add(complaints)
    outcome.remarks.append(
        f"from step {spans[0]}: {first[0]} MB, {first[1]} files, {first[2]} threads; from step "
        f"{spans[-1]}: {last[0]} MB, {last[1]}, {last[2]}"
    )
    yield outcome


def size_of(process):
    """Megabytes of resident memory, open files, threads."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    memory = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024
    threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
    return memory, len(os.listdir(f"/proc/{process}/fd")), threads


def kept_in(sizes):
    """What of each kind is there all the time: a picture being read is an open file as well."""
    return tuple(min(each) for each in zip(*sizes))
