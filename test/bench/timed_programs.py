"""Training programs, ours and peers, started as a user would and timed by the lines they print."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

PROJECT = pathlib.Path(__file__).resolve().parents[2]

Timing = namedtuple("Timing", ["step_ms", "first_step_seconds", "peak_mb"])
Timing.__doc__ = """A program's times: milliseconds of each step after the warm-up, a list; seconds
from its start to the end of its first step; and its largest resident memory in MB."""

Program = namedtuple("Program", ["command", "folder", "step_line"])
Program.__doc__ = """A training to be started: the command, a list; the folder to start it in;
and a pattern of the line that it prints after each step."""


class ProgramError(RuntimeError):
    """A program ended before it had made its steps; the message is its last line."""


def our_program(python, folder, data, options, batch_size, precision_mode):
    """Describes a training of this project.

    Args:
        python: The interpreter.
        folder: Where it may write.
        data: Folder with train/.
        options: Has fine_size and filters.
        batch_size: Pairs in a step.
        precision_mode: As of train.py.

    Returns:
        `Program`.
    """
    flags = [
        f"--data_path={data}",
        f"--checkpoint_dir={folder}/run",
        f"--fine_size={options.fine_size}",
        f"--ngf={options.filters}",
        f"--ndf={options.filters}",
        f"--batch_size={batch_size}",
        f"--precision_mode={precision_mode}",
        "--device=cpu",
        "--eval_steps=0",
        "--print_freq=1",
        "--max_steps=100000",
    ]
    command = [python, str(PROJECT / "estimator" / "train.py"), *flags]
    return Program(command, folder, r"^Epoch: ")


def peer_program(python, folder, data, options, peer):
    """Describes a training of a peer's checkout, with batch 1.

    Args:
        python: The interpreter.
        folder: Where it may write.
        data: Folder with train/.
        options: Has fine_size and filters.
        peer: The checkout, of affinelayer/pix2pix-tensorflow or yenchenlin/pix2pix-tensorflow.

    Returns:
        `Program`.

    Raises:
        ValueError: It is neither, or the pictures have not the one size that these take.
    """
    if options.fine_size != 256:
        raise ValueError("--peer: the ports that are known train at 256x256; use --fine_size=256")
    peer, data = pathlib.Path(peer).resolve(), pathlib.Path(data).resolve()
    if (peer / "pix2pix.py").is_file():
        flags = [
            "--mode=train",
            f"--input_dir={data / 'train'}",
            f"--output_dir={folder}/run",
            f"--ngf={options.filters}",
            f"--ndf={options.filters}",
            "--max_epochs=1000",
            "--progress_freq=1",
        ]
        return Program([python, str(peer / "pix2pix.py"), *flags], folder, r"^progress ")
    if (peer / "main.py").is_file() and (peer / "model.py").is_file():
        (pathlib.Path(folder) / "datasets").mkdir()
        (pathlib.Path(folder) / "datasets" / "pairs").symlink_to(data)
        flags = ["--dataset_name=pairs", "--phase=train"]
        return Program([python, str(peer / "main.py"), *flags], folder, r"^Epoch: ")
    raise ValueError(
        f"--peer {peer}: holds neither pix2pix.py (affinelayer's) nor main.py and model.py "
        "(yenchenlin's)"
    )


def time_program(program, steps, warm_up):
    """Runs a training until it has made some steps, and ends it.

    Args:
        program: `Program`.
        steps: Steps to be timed.
        warm_up: Steps before them, which compile, fill caches and let threads settle.

    Returns:
        `Timing`.

    Raises:
        ProgramError: It ended by itself.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        program.command,
        cwd=str(program.folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    moments, last_line = [], ""
    try:
        for line in process.stdout:
            last_line = line.strip() or last_line
            if re.search(program.step_line, line):
                moments.append(time.perf_counter())
                if len(moments) > warm_up + steps:
                    break
    finally:
        if len(moments) > warm_up + steps:
            os.killpg(process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        process.stdout.close()
    if len(moments) <= warm_up + steps:
        raise ProgramError(last_line)
    ends = moments[warm_up:]
    return Timing(
        [1000.0 * (end - begin) for begin, end in zip(ends, ends[1:])],
        moments[0] - start,
        usage.ru_maxrss / 1024,
    )


def timed_in_a_folder(make_program, steps, warm_up):
    """Times the program that `make_program` describes for an empty folder, and removes that."""
    with tempfile.TemporaryDirectory() as folder:
        return time_program(make_program(folder), steps, warm_up)


def runtimes(pythons=None):
    """Lists the TensorFlow versions of interpreters that have one.

    Args:
        pythons: Paths; None for this interpreter and those of .venv/.

    Returns:
        Dict of version to path, the oldest version first.
    """
    if not pythons:
        pythons = [sys.executable, *map(str, sorted(PROJECT.glob(".venv/*/bin/python")))]
    found = {}
    program = "import importlib.util as u, sys\nif u.find_spec('tensorflow') is None: sys.exit(1)\n"
    program += "import tensorflow\nprint(tensorflow.__version__)"
    for python in pythons:
        process = subprocess.run(
            [python, "-W", "ignore", "-c", program], capture_output=True, check=False
        )
        if process.returncode == 0:
            found.setdefault(process.stdout.decode().split()[-1], python)
    return dict(sorted(found.items(), key=lambda item: [int(n) for n in item[0].split(".")[:2]]))
