"""Ranks that are killed, stopped or interrupted: the job ends, and the same command resumes."""

import os
import pathlib
import shutil
import signal
import time

from common import SMALL, Outcome, complaints_of, end_of, run, start, weights, write_pairs

_SIGNALS = {
    "killed": signal.SIGKILL,
    "stopped (SIGSTOP)": signal.SIGSTOP,
    "interrupted (launcher)": signal.SIGINT,
}
_SECONDS_TO_END = 60


def attack(folder, count, draws):
    write_pairs(folder / "data", train=6, val=1)
    for name, number in _SIGNALS.items():
        outcome = Outcome(f"one of two ranks {name}")
        for attempt in range(count):
            output = folder / f"output-{number}-{attempt}"
            flags = [f"--output_dir={output}", f"--data_path={folder / 'data'}", *SMALL]
            flags += ["--save_checkpoints_steps=20", "--eval_steps=0", "--rank_timeout=20"]
            process = start("estimator/launch.py", *flags, "--max_steps=100000", RANK_SIZE="2")
            time.sleep(draws.uniform(0.5, 25))
            ranks = ranks_of(process.pid)
            if number == signal.SIGINT:
                os.kill(process.pid, number)
            elif ranks:
                os.kill(draws.choice(ranks), number)
            else:
                os.kill(process.pid, signal.SIGTERM)
            begin = time.monotonic()
            code, _, error = end_of(process)
            complaints = complaints_of("job", code, error, (1, 130, 137, 143, -signal.SIGINT))
            if time.monotonic() - begin > _SECONDS_TO_END:
                complaints.append(f"took {time.monotonic() - begin:.0f} s to end")
            complaints += [f"process {each} is left" for each in ranks if is_alive(each)]
            kept, _ = weights(output / "0" / "ckpt")
            end = f"--max_steps={kept + 2}"
            code, _, error = run("estimator/launch.py", *flags, end, RANK_SIZE="2")
            complaints += complaints_of("resumed", code, error)
            if weights(output / "0" / "ckpt")[0] != kept + 2:
                complaints.append(f"resumed at {kept}, ended elsewhere")
            outcome.add(complaints, is_lost=True)
            shutil.rmtree(str(output))
        yield outcome


def ranks_of(launcher):
    children = pathlib.Path(f"/proc/{launcher}/task/{launcher}/children")
    return list(map(int, children.read_text().split())) if children.exists() else []


def is_alive(process):
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
