"""Many steps: memory, files and threads stay what they were."""

import os
import pathlib
import re
import time

from common import SMALL, Outcome, end_of, start, write_pairs

_GROWTH = 1.05


def attack(folder, count, draws):
    """Trains `count` thousand steps."""
    del draws
    write_pairs(folder / "data", train=20, val=2)
    flags = [f"--data_path={folder / 'data'}", *SMALL, f"--max_steps={count * 1000}"]
    flags += ["--print_freq=100", "--save_checkpoints_steps=500", "--eval_steps=2"]
    process = start("estimator/train.py", *flags, f"--checkpoint_dir={folder / 'run'}")
    samples = []
    os.set_blocking(process.stdout.fileno(), False)
    seen = ""
    while process.poll() is None:
        seen = (seen + (process.stdout.read() or b"").decode())[-2000:]
        steps = re.findall(r"step: (\d+)/", seen)
        if steps and (not samples or int(steps[-1]) - samples[-1][0] >= 500):
            samples.append((int(steps[-1]), *size_of(process.pid)))
        time.sleep(0.2)
    code, _, error = end_of(process)
    outcome = Outcome(f"{count},000 steps: memory, open files, threads")
    complaints = [] if code == 0 else [f"exit code {code}: {error[-300:]}"]
    # What comes after the first thousand steps, and the last of all.
    first = next((each for each in samples if each[0] >= 1000), samples[0])
    largest = [
        max(each[number] for each in samples[samples.index(first) :]) for number in (1, 2, 3)
    ]
    last = samples[-1]
    if last[1] > first[1] * _GROWTH:
        complaints.append(f"memory: {first[1]} MB at step {first[0]}, {last[1]} MB at {last[0]}")
    if last[2] > first[2] or last[3] > first[3]:
        complaints.append(
            f"files, threads: {first[2:]} at step {first[0]}, {last[2:]} at {last[0]}"
        )
    outcome.add(complaints)
    outcome.remarks.append(
        f"at step {first[0]}: {first[1]} MB, {first[2]} files, {first[3]} threads; at {last[0]}: "
        f"{last[1]} MB, {last[2]}, {last[3]}; at most {largest[0]} MB, {largest[1]}, {largest[2]}"
    )
    yield outcome


def size_of(process):
    """Megabytes of resident memory, open files, threads."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    memory = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024
    threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
    return memory, len(os.listdir(f"/proc/{process}/fd")), threads
