"""What the parts of the campaign share: programs in processes of their own, and their ends."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import List

import numpy as np

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ("--fine_size=32", "--ngf=4", "--ndf=4")
PATIENCE = 300
MEBIBYTE = 2**20


@dataclass
class Outcome:
    """What came of one kind of harm. `lost` counts what no later command brought back."""

    what: str
    tried: int = 0
    survived: int = 0
    lost: int = 0
    remarks: List[str] = field(default_factory=list)

    def add(self, complaints, is_lost=False):
        self.tried += 1
        self.survived += not complaints
        self.lost += bool(complaints) and is_lost
        self.remarks += complaints


def command_of(program, *flags):
    return [sys.executable, str(PROJECT / program), *map(str, flags)]


def start(program, *flags, **environment):
    """Starts a program on one core, where sums come in one order, so that runs can be compared."""
    core = min(os.sched_getaffinity(0))
    return subprocess.Popen(
        command_of(program, *flags),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        start_new_session=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def end_of(process):
    """Waits for a program: its exit code, or None if it hangs, and what it has printed."""
    try:
        output, error = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, error = process.communicate()
        return None, output.decode(errors="replace"), error.decode(errors="replace")
    return process.returncode, output.decode(errors="replace"), error.decode(errors="replace")


def run(program, *flags, **environment):
    return end_of(start(program, *flags, **environment))


def killed(program, *flags, after):
    """Starts a program and kills it after some seconds; its output, and whether it was running."""
    process = start(program, *flags)
    try:
        output, _ = process.communicate(timeout=after)
        return output.decode(errors="replace"), False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return output.decode(errors="replace"), True


def complaints_of(label, code, error, expected=(0,)):
    """Says what is wrong with how a program has ended."""
    found = []
    if code not in expected:
        found.append(f"{label}: exit code {code}: {error.strip()[-300:]}")
    if "Traceback" in error:
        found.append(f"{label}: a traceback")
    return found


def seconds_of(program, *flags):
    begin = time.monotonic()
    code, _, error = run(program, *flags)
    assert code == 0, error
    return time.monotonic() - begin


def leftovers(folder):
    return [str(path) for path in pathlib.Path(str(folder)).rglob("*partial*")]


def weights(folder):
    """Reads the newest checkpoint: its step, and dict of name to array."""
    import tensorflow.compat.v1 as tf

    path = tf.train.latest_checkpoint(str(folder))
    if path is None:
        return 0, {}
    reader = tf.train.load_checkpoint(path)
    values = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    return int(path.rsplit("-", 1)[1]), values


def differences(first, second):
    if set(first) != set(second):
        return ["other variables"]
    return [name for name in first if not np.array_equal(first[name], second[name])]


def last_step(output):
    return max(map(int, re.findall(r"step: (\d+)/", output)), default=0)


def write_pairs(folder, train, val):
    sys.path.insert(0, str(PROJECT))
    from input_fn import write_data_set

    write_data_set(str(folder), train=train, val=val, seed=0)
