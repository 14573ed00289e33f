"""A full disk at every stage: a clear line, old files whole, and the same command goes on."""

import contextlib
import os
import shutil
import subprocess

from common import MEBIBYTE, SMALL, Outcome, complaints_of, leftovers, run, weights, write_pairs


@contextlib.contextmanager
def small_disk(place, size):
    """Mounts a disk of some bytes; yields a function that makes it larger."""
    place.mkdir()
    options = f"size={size}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True)
    try:
        yield lambda: subprocess.run(
            ["mount", "-o", f"remount,size={200 * MEBIBYTE}", str(place)], check=True
        )
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def attack(folder, count, draws):
    if os.geteuid() != 0:
        yield Outcome("a full disk", remarks=["left out: to mount a small disk takes root"])
        return
    write_pairs(folder / "data", train=6, val=2)
    flags = [f"--data_path={folder / 'data'}", *SMALL, "--max_steps=20", "--eval_steps=1"]
    flags += ["--save_checkpoints_steps=5", "--save_frozen_steps=10", "--image_freq=5"]
    whole = folder / "whole"
    code, _, error = run("estimator/train.py", *flags, f"--checkpoint_dir={whole}")
    assert code == 0, error
    checkpoint = f"--checkpoint_dir={whole}"
    programs = {
        "training": (["estimator/train.py", *flags], "--checkpoint_dir={}"),
        "export": (["estimator/export.py", checkpoint], "--output={}"),
        "predict": (
            ["estimator/predict.py", f"--input={folder / 'data' / 'train'}", checkpoint],
            "--output={}",
        ),
        "pack": (["input_fn/prepare.py", "pack", folder / "data"], "{}"),
        "split": (["input_fn/prepare.py", "split", folder / "data" / "train"], "{}"),
        "synth": (["input_fn/prepare.py", "synth", "--train=20", "--val=5"], "{}"),
    }
    for name, (command, place_flag) in programs.items():
        outcome = Outcome(f"a full disk, {name}")
        target = folder / "needed"
        code, _, error = run(*command, place_flag.format(target))
        assert code == 0, error
        needed = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        end = weights(target)[0]
        shutil.rmtree(str(target))
        for _ in range(count):
            disk = folder / "disk"
            with small_disk(disk, int(needed * draws.uniform(0.05, 0.95))) as enlarge:
                there = place_flag.format(disk / "there")
                code, _, error = run(*command, there)
                complaints = complaints_of("full", code, error, (0, 1))
                if code == 1 and "the disk is full" not in error:
                    complaints.append(f"full: said {error.strip()[-200:]}")
                complaints += [f"left: {path}" for path in leftovers(disk)]
                enlarge()
                code, _, error = run(*command, there)
                complaints += complaints_of("with room", code, error)
                if weights(disk / "there")[0] != end:
                    complaints.append("with room: another end")
                outcome.add(complaints, is_lost=True)
        yield outcome
