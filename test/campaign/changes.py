"""Files that are damaged or changed between one command and the next, or were planted."""

import os
import pickle
import shutil

from common import SMALL, Outcome, complaints_of, run, write_pairs


class Planted:
    """What would write a file if anyone unpickled it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (self.path,))


def cut(path, draws):
    path.write_bytes(path.read_bytes()[: draws.randrange(path.stat().st_size)])


def flip(path, draws):
    content = bytearray(path.read_bytes())
    for _ in range(20):
        content[draws.randrange(len(content))] ^= 1 << draws.randrange(8)
    path.write_bytes(bytes(content))


def empty(path, draws):
    path.write_bytes(b"")


def attack(folder, count, draws):
    write_pairs(folder / "data", train=4, val=1)
    caches = {"XDG_CACHE_HOME": str(folder / "caches")}
    flags = [*SMALL, "--eval_steps=0", f"--cache={folder / 'cache'}"]
    train = ["estimator/train.py", f"--data_path={folder / 'data'}", *flags]
    code, _, error = run(*train, f"--checkpoint_dir={folder / 'run'}", "--max_steps=4", **caches)
    assert code == 0, error
    export = ["estimator/export.py", f"--checkpoint_dir={folder / 'run'}"]
    code, _, error = run(*export, f"--output={folder / 'export'}", "--formats=pb,saved_model")
    assert code == 0, error
    picture = folder / "data" / "val" / "1.jpg"
    predict = ["estimator/predict.py", f"--input={picture}", f"--output={folder / 'out'}"]
    resume = [*train, "--max_steps=6", f"--checkpoint_dir={folder / 'copy' / 'run'}"]
    graph = folder / "copy" / "export" / "model-4.pb"
    commands = {
        "run/model.ckpt-4.index": resume,
        "run/model.ckpt-4.data-00000-of-00001": resume,
        "run/checkpoint": resume,
        "run/options.json": resume,
        "export/model-4.pb": [*predict, f"--graph={graph}"],
        "export/model-4.json": [*predict, f"--graph={graph}"],
        "export/saved_model/4/saved_model.pb": [
            *predict,
            f"--saved_model={folder / 'copy' / 'export' / 'saved_model'}",
        ],
    }
    outcome = Outcome("damaged checkpoints, options, notes and exports: one line or no harm")
    for name, command in commands.items():
        for number in range(count):
            copy_of(folder)
            (cut, flip, empty)[number % 3](folder / "copy" / name, draws)
            code, _, error = run(*command, **caches)
            outcome.add(complaints_of(name, code, error, (0, 1, 2)))
    yield outcome
    yield remembered(folder, train, caches, count, draws)


def copy_of(folder):
    shutil.rmtree(str(folder / "copy"), ignore_errors=True)
    for name in ("run", "export"):
        shutil.copytree(str(folder / name), str(folder / "copy" / name))


def remembered(folder, train, caches, count, draws):
    """Caches that were damaged, or planted: they are made anew, and nothing in them is run."""
    outcome = Outcome("damaged and planted caches and remembered checks")
    memories = list((folder / "caches").rglob("*.json")) + list((folder / "cache").glob("*.npy"))
    target = str(folder / "planted")
    for number in range(count * 3):
        path = draws.choice(memories)
        kept = path.read_bytes()
        if number % 2:
            path.write_bytes(pickle.dumps(Planted(target)))
        else:
            draws.choice((cut, flip, empty))(path, draws)
        place = folder / f"again-{number}"
        code, _, error = run(*train, f"--checkpoint_dir={place}", "--max_steps=2", **caches)
        complaints = complaints_of(path.name, code, error, (0, 2))
        if os.path.exists(target):
            complaints.append(f"{path.name}: what was planted was run")
        outcome.add(complaints)
        path.write_bytes(kept)
    return outcome
