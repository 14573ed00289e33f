"""kill -9 at random moments: the same command goes on, and comes to the same end."""

import filecmp
import os
import shutil

from common import (
    SMALL,
    Outcome,
    complaints_of,
    differences,
    killed,
    last_step,
    leftovers,
    run,
    seconds_of,
    weights,
    write_pairs,
)

INTERVAL = 10


def attack(folder, count, draws):
    write_pairs(folder / "data", train=6, val=2)
    flags = [f"--data_path={folder / 'data'}", *SMALL, "--max_steps=40", "--print_freq=1"]
    flags += [f"--save_checkpoints_steps={INTERVAL}", "--save_frozen_steps=20", "--image_freq=10"]
    whole = folder / "whole"
    duration = seconds_of("estimator/train.py", *flags, f"--checkpoint_dir={whole}")
    yield training(folder, flags, whole, duration, count, draws)
    checkpoint = f"--checkpoint_dir={whole}"
    several = max(1, count // 5)
    yield repeated(
        "kill -9, test phase",
        ["estimator/train.py", f"--data_path={folder / 'data'}", checkpoint, "--phase=test"],
        whole / "outputs",
        several,
        draws,
    )
    yield repeated(
        "kill -9, export",
        ["estimator/export.py", checkpoint, f"--output={folder / 'export'}", "--formats=pb"],
        folder / "export",
        several,
        draws,
    )
    yield repeated(
        "kill -9, predict",
        [
            "estimator/predict.py",
            f"--input={folder / 'data' / 'train'}",
            f"--output={folder / 'predicted'}",
            checkpoint,
        ],
        folder / "predicted",
        several,
        draws,
    )
    yield repeated(
        "kill -9, pack",
        ["input_fn/prepare.py", "pack", folder / "data", folder / "packed", "--shards=3"],
        folder / "packed",
        several,
        draws,
    )


def training(folder, flags, whole, duration, count, draws):
    outcome = Outcome("kill -9, training (start, steps, saving, freezing, scoring)")
    end, expected = weights(whole)
    for number in range(count):
        place = folder / f"killed-{number}"
        checkpoint = f"--checkpoint_dir={place}"
        output, _ = killed(
            "estimator/train.py", *flags, checkpoint, after=draws.uniform(0.3, duration)
        )
        kept, _ = weights(place)
        code, _, error = run("estimator/train.py", *flags, checkpoint)
        complaints = complaints_of("resumed", code, error)
        if kept < last_step(output) - INTERVAL:
            complaints.append(f"at step {last_step(output)}, {kept} was kept")
        step, found = weights(place)
        if step != end or differences(expected, found):
            complaints.append(f"another end: step {step}, {differences(expected, found)[:3]}")
        complaints += [f"left: {path}" for path in leftovers(place)]
        outcome.add(complaints, is_lost=True)
        shutil.rmtree(str(place))
    return outcome


def repeated(what, command, place, count, draws):
    """Kills a command that has run once; run again, it has to leave the same files."""
    outcome = Outcome(what)
    duration = seconds_of(*command)
    kept = place.parent / f"{place.name}-kept"
    shutil.copytree(str(place), str(kept))
    for _ in range(count):
        killed(*command, after=draws.uniform(0.3, duration))
        code, _, error = run(*command)
        complaints = complaints_of("again", code, error)
        for path in (path for path in kept.rglob("*") if path.is_file()):
            again = place / path.relative_to(kept)
            if not os.path.exists(str(again)) or not filecmp.cmp(
                str(path), str(again), shallow=False
            ):
                complaints.append(f"{path.name} is another")
        complaints += [f"left: {path}" for path in leftovers(place.parent)]
        outcome.add(complaints, is_lost=True)
    return outcome
