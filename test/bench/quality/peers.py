"""Runs of affinelayer's pix2pix.py, of 2017: the same pairs, steps and pictures to be scored.

It has no schedule, so it is trained in stages from one step that is scored to the next; a stage
that is cut off is made again from its start. It keeps dropout on, with a fresh draw for each
picture.
"""

import glob
import os
import re
import shutil
import time

from estimator.errors import RunError
from input_fn import find_split, list_pairs, remove_path, write_json
from quality.pictures import OUTPUTS
from quality.programs import run_program
from quality.runs import METRICS_FILE, read_json

_WEIGHTS = "weights"
_STAGE_FILE = "stage.json"
_MOST_STEPS_BETWEEN_LINES = 50
_LEAST_LINES = 10
_KINDS = {"outputs": OUTPUTS, "inputs": f"{OUTPUTS}/inputs", "targets": f"{OUTPUTS}/targets"}


def make_pictures(settings, run, say):
    """Brings a run to its end, from where it is; what is done is not done again.

    Args:
        settings: `Settings`.
        run: `Run` of the peer.
        say: Function of a line for the user.

    Raises:
        OptionsError: The folder holds another run.
        ProgramError: pix2pix.py has failed.
        RunError: Pictures are missing.
    """
    run.claim(
        {
            "data": settings.data_path,
            "flags": training_flags(settings),
            "steps to score at": list(settings.at),
            "number of pairs to score": settings.test_size,
        }
    )
    start = 0
    for step in settings.at:
        if not run.has_pictures(step):
            stage = _stage(run, step)
            if not os.path.exists(os.path.join(stage, _STAGE_FILE)):
                say(f"training from step {start} to {step}; {run.log}")
                _train(settings, run, start, step)
            say(f"pictures of step {step}")
            _test(settings, run, step)
        start = step
    if run.trained is None:
        run.write_trained({**_summary(settings, run), "losses": {}})
    if not settings.keep_checkpoints:
        for step in settings.at:
            remove_path(_stage(run, step))


def _stage(run, step):
    return os.path.join(run.folder, f"{_WEIGHTS}-{step}")


def training_flags(settings):
    """Lists the flags of pix2pix.py that make a run what it is, without folders and seed."""
    flags = [f"--which_direction={settings.which_direction}"]
    if settings.filters is not None:
        flags += [f"--ngf={settings.filters}", f"--ndf={settings.filters}"]
    return flags


def _command(settings, *flags):
    return [settings.peer_python, os.path.join(settings.peer, "pix2pix.py"), *flags]


def _train(settings, run, start, step):
    stage = _stage(run, step)
    remove_path(stage)
    between = max(1, min((step - start) // _LEAST_LINES, _MOST_STEPS_BETWEEN_LINES))
    flags = [
        "--mode=train",
        f"--input_dir={find_split(settings.data_path, 'train')}",
        f"--output_dir={stage}",
        f"--max_steps={step - start}",
        "--save_freq=1000000000",  # At the end alone.
        f"--progress_freq={between}",
        # Each stage begins with a new order of the pairs.
        f"--seed={1000003 * run.seed + start}",
        *training_flags(settings),
    ]
    if start:
        flags.append(f"--checkpoint={_stage(run, start)}")
    clock = _LineClock(run.log, r"^progress ")
    run_program(_command(settings, *flags), run.log, clock.look)
    rate = clock.lines_per_second()
    write_json(
        os.path.join(stage, _STAGE_FILE),
        {"steps": step - start, "images_per_sec": None if rate is None else rate * between},
    )


class _LineClock:
    """Times how fast lines of a kind come into a log, from its present end on."""

    def __init__(self, log, pattern):
        self._log, self._pattern = log, re.compile(pattern.encode())
        self._position = os.path.getsize(log) if os.path.exists(log) else 0
        self._seen = []

    def look(self):
        """Counts the lines that there are by now."""
        with open(self._log, "rb") as file:
            file.seek(self._position)
            count = sum(bool(self._pattern.match(line)) for line in file)
        if count > (self._seen[-1][0] if self._seen else 0):
            self._seen.append((count, time.monotonic()))

    def lines_per_second(self):
        """Gives the rate between the first look that found some and the last; None of one."""
        if len(self._seen) < 2:
            return None
        (first, begin), (last, end) = self._seen[0], self._seen[-1]
        return (last - first) / (end - begin)


def _summary(settings, run):
    """Sums up the time of the stages."""
    seconds = 0.0
    for step in settings.at:
        stage = read_json(os.path.join(_stage(run, step), _STAGE_FILE))
        if stage is None or stage["images_per_sec"] is None:
            return {"images_per_sec": None, "minutes": None}
        seconds += stage["steps"] / stage["images_per_sec"]
    return {"images_per_sec": settings.steps / seconds, "minutes": seconds / 60}


def _test(settings, run, step):
    place = run.place_of(step)
    for path in (place, os.path.join(run.folder, "made")):
        remove_path(path)
    folder = find_split(settings.data_path, "val")
    names = [os.path.basename(name) for name in list_pairs(folder, settings.test_size).names]
    chosen = os.path.join(run.folder, "made", "pairs")
    os.makedirs(chosen)
    for name in names:
        os.symlink(os.path.join(folder, name), os.path.join(chosen, name))
    made = os.path.join(run.folder, "made", "test")
    flags = ["--mode=test", f"--input_dir={chosen}", f"--output_dir={made}"]
    flags += [f"--checkpoint={_stage(run, step)}", f"--seed={run.seed}"]
    run_program(_command(settings, *flags), run.log)
    for kind, target in _KINDS.items():
        paths = glob.glob(os.path.join(glob.escape(made), "images", f"*-{kind}.png"))
        if len(paths) != len(names):
            raise RunError(
                f"{made}/images: has {len(paths)} {kind} of {len(names)} pairs; pix2pix.py "
                "takes files of one kind only, all .jpg or all .png"
            )
        os.makedirs(os.path.join(place, target), exist_ok=True)
        for path in paths:
            name = os.path.basename(path)[: -len(f"-{kind}.png")]
            shutil.move(path, os.path.join(place, target, f"{name}.png"))
    remove_path(os.path.join(run.folder, "made"))
    write_json(os.path.join(place, METRICS_FILE), {"images": len(names)})
