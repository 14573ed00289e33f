"""Damaged and odd pictures to every program: each is named or used, and nothing hangs."""

import io
import os
import resource
import socket

import numpy as np
from common import SMALL, Outcome, complaints_of, run, write_pairs
from PIL import Image

_MOST_MEMORY = 3 * 2**20  # Kilobytes, of a program with TensorFlow.


def attack(folder, count, draws):
    write_pairs(folder / "good", train=2, val=1)
    source = (folder / "good" / "train" / "1.jpg").read_bytes()
    make(folder / "bad" / "train", source, count, draws)
    write_pairs(folder / "run-data", train=2, val=1)
    checkpoint = f"--checkpoint_dir={folder / 'run'}"
    code, _, error = run(
        "estimator/train.py",
        f"--data_path={folder / 'run-data'}",
        checkpoint,
        *SMALL,
        "--max_steps=1",
        "--eval_steps=0",
    )
    assert code == 0, error
    for name in ("bad", "odd"):
        if name == "odd":
            make_odd(folder / "odd" / "train", source)
        yield from everywhere(folder, folder / name, name, checkpoint)


def make(folder, source, count, draws):
    """Writes pictures that were damaged by chance."""
    folder.mkdir(parents=True)
    for number in range(count):
        content, name = bytearray(source), f"{number}.jpg"
        kind = number % 5
        if kind == 0:
            content = content[: draws.randrange(len(content))]
        elif kind == 1:
            for _ in range(draws.randrange(1, 20)):
                content[draws.randrange(len(content))] ^= 1 << draws.randrange(8)
        elif kind == 2:
            start = draws.randrange(len(content))
            content[start : start + draws.randrange(1, 5000)] = b""
        elif kind == 3:
            content = bytes(draws.randrange(256) for _ in range(draws.randrange(3000)))
            name = f"{number}.{draws.choice(['jpg', 'png', 'npy'])}"
        else:
            picture = Image.open(io.BytesIO(source)).convert("RGB")
            buffer = io.BytesIO()
            picture.save(buffer, draws.choice(["PNG", "GIF", "BMP", "TIFF", "WEBP"]))
            content = buffer.getvalue()
        (folder / name).write_bytes(bytes(content))


def make_odd(folder, source):
    """Writes what is no picture at all, or has an odd name."""
    folder.mkdir(parents=True)
    for name in ("line\nbreak", "<b>&amp;", "'quoted' \"twice\"", " ", "%d$HOME"):
        (folder / f"{name}.jpg").write_bytes(source)
    os.mkfifo(str(folder / "pipe.jpg"))
    os.symlink("/dev/zero", str(folder / "endless.png"))
    os.symlink("/nowhere", str(folder / "dangling.jpg"))
    os.symlink("loop.jpg", str(folder / "loop.jpg"))
    (folder / "folder.jpg").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(str(folder))
        server.bind("socket.jpg")
        os.chdir(here)
    bomb = io.BytesIO()
    Image.new("1", (30000, 30000)).save(bomb, "PNG")
    (folder / "bomb.png").write_bytes(bomb.getvalue())
    with open(str(folder / "several.npy"), "wb") as file:
        np.savez(file, a=np.zeros((4, 8, 3)))
    np.save(str(folder / "objects.npy"), np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(str(folder / "nan.npy"), np.full((32, 64, 3), np.nan))
    with open(str(folder / "sparse.npy"), "wb") as file:
        file.truncate(50 * 2**20)


def everywhere(folder, data, name, checkpoint):
    total = len(list((data / "train").iterdir()))
    new = f"--checkpoint_dir={folder / f'run-{name}'}"
    flags = [f"--data_path={data}", *SMALL, "--max_steps=1", "--eval_steps=0"]
    programs = {
        "train": (["estimator/train.py", *flags, new], (2,)),
        "train --skip_bad": (["estimator/train.py", *flags, new, "--skip_bad"], (0, 2)),
        "predict": (
            [
                "estimator/predict.py",
                f"--input={data / 'train'}",
                f"--output={folder / f'predicted-{name}'}",
                checkpoint,
            ],
            (1,),
        ),
        "check": (["input_fn/prepare.py", "check", data], (1,)),
        "pack": (["input_fn/prepare.py", "pack", data, folder / f"packed-{name}"], (1, 2)),
    }
    for command in ("grey", "edges", "blank", "resize"):
        more = ["--size=16"] if command == "resize" else []
        output = folder / f"{command}-{name}"
        arguments = ["input_fn/prepare.py", command, data / "train", output, *more]
        programs[command] = (arguments, (1,))
    outcome = Outcome(
        f"{total} {'damaged pictures' if name == 'bad' else 'odd files'}, to each program"
    )
    for label, (command, expected) in programs.items():
        code, output, error = run(*command)
        complaints = complaints_of(label, code, error, expected)
        if label == "predict":
            done = len(list((folder / f"predicted-{name}").glob("*.png")))
            named = error.count("error: ")
            # A folder is not asked for, and a line break in a name makes no second file.
            wanted = total - (name == "odd")
            if done + named != wanted:
                complaints.append(f"predict: {done} done and {named} named, of {wanted}")
        outcome.add(complaints)
    if resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > _MOST_MEMORY:
        outcome.remarks.append("a program took more than 3 GB")
    yield outcome
