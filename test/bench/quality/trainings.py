"""Runs of train.py: trained to the last step, with the pictures of each step that is scored."""

import glob
import json
import os
import pathlib
import shutil

import tensorflow.compat.v1 as tf

from estimator.errors import RunError
from estimator.run.checkpoints import step_of, write_list
from input_fn import remove_path
from quality.programs import run_program
from quality.settings import train_flags

_TRAIN = str(pathlib.Path(__file__).resolve().parents[3] / "estimator" / "train.py")
_OPTIONS_FILE, _LIST_FILE = "options.json", "checkpoint"


def make_pictures(settings, run, say):
    """Brings a run to its end, from where it is; what is done is not done again.

    Args:
        settings: `Settings`.
        run: `Run`.
        say: Function of a line for the user.

    Raises:
        OptionsError: The folder holds another run, or train.py refuses its input.
        ProgramError: train.py has failed.
        RunError: A checkpoint is gone.
    """
    run.claim(
        {
            "data": settings.data_path,
            "flags": train_flags(settings, run.recipe),
            "steps to score at": list(settings.at),
            "number of pairs to score": settings.test_size,
        }
    )
    if run.trained is None:
        say(f"training to step {settings.steps}; {run.log}")
        _train(settings, run)
    for step in settings.at:
        if not run.has_pictures(step):
            say(f"pictures of step {step}")
            _test(settings, run, step)
    if not settings.keep_checkpoints:
        _remove_checkpoints(settings, run)


def _train(settings, run):
    folder = _training_folder(run)

    def keep():
        keep_checkpoints(folder, run.place_of, settings.at)

    go_back(folder, settings.save_every)
    command = [settings.python, _TRAIN, f"--data_path={settings.data_path}"]
    command += [f"--checkpoint_dir={folder}", f"--seed={run.seed}"]
    run_program([*command, *train_flags(settings, run.recipe)], run.log, keep)
    gone = [step for step in settings.at if not _is_kept(run.place_of(step))]
    if gone:
        raise RunError(
            f"{run.folder}: the checkpoint of step {gone[0]} is gone, since five are kept and "
            "nobody was there to take it; remove the folder to train again"
        )
    with open(os.path.join(folder, "throughput.json"), encoding="utf-8") as file:
        throughput = json.load(file)
    batch, rate = throughput["global_batch_size"], throughput["images_per_sec"]
    run.write_trained(
        {
            "images_per_sec": rate,
            "minutes": None if not rate else settings.steps * batch / rate / 60,
            "losses": read_losses(folder),
        }
    )


def go_back(folder, interval):
    """Gives up what an interruption saved between two checkpoints.

    From there train.py would count anew, and save none of the steps that are to be scored.

    Args:
        folder: Of the training, if there is one yet.
        interval: Steps between checkpoints.
    """
    names = _listed(folder)
    kept = [name for name in names if step_of(name) % interval == 0]
    if not names or names[-1] in kept:
        return
    if kept:
        write_list(folder, kept)
    else:  # Training begins again.
        remove_path(os.path.join(folder, _LIST_FILE))
    for name in set(names) - set(kept):
        for path in glob.glob(os.path.join(glob.escape(folder), f"{name}.*")):
            remove_path(path)


def keep_checkpoints(folder, place_of, steps):
    """Keeps the checkpoints of some steps, which TensorFlow deletes after five more.

    They are linked, not copied, into folders that --phase=test takes for runs.

    Args:
        folder: Of the training.
        place_of: Function of the step to the folder of its checkpoint.
        steps: To be kept, if they are there.
    """
    for name in _listed(folder):
        step = step_of(name)
        place = place_of(step)
        if step not in steps or _is_kept(place):
            continue
        os.makedirs(place, exist_ok=True)
        for source in glob.glob(os.path.join(glob.escape(folder), f"{name}.*")):
            target = os.path.join(place, os.path.basename(source))
            remove_path(target)
            _link(source, target)
        shutil.copy(os.path.join(folder, _OPTIONS_FILE), place)
        # Last: it says that the others are there.
        write_list(place, [name])


def _listed(folder):
    """Lists the names of the checkpoints, less extension; those of TensorFlow's list are whole."""
    state = tf.train.get_checkpoint_state(folder)
    return [] if state is None else list(map(os.path.basename, state.all_model_checkpoint_paths))


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:  # Not all file systems have links.
        shutil.copy(source, target)


def _is_kept(place):
    return os.path.exists(os.path.join(place, _LIST_FILE))


def _test(settings, run, step):
    command = [settings.python, _TRAIN, "--phase=test", f"--data_path={settings.data_path}"]
    command += [f"--checkpoint_dir={run.place_of(step)}", f"--step={step}", "--split=val"]
    if settings.test_size is not None:
        command.append(f"--test_size={settings.test_size}")
    # What of these is not kept with a run, such as its precision, holds for its pictures as well.
    run_program([*command, *settings.flags, *run.recipe.flags], run.log)


def _remove_checkpoints(settings, run):
    remove_path(_training_folder(run))
    for step in settings.at:
        for path in glob.glob(os.path.join(glob.escape(run.place_of(step)), "model.ckpt-*")):
            remove_path(path)


def _training_folder(run):
    return os.path.join(run.folder, "training")


def read_losses(folder):
    """Reads the scalars that a training has written for TensorBoard.

    Args:
        folder: Of the training.

    Returns:
        Dict of tag to a list of [step, value], in the order of steps; of a step that was made
        twice, since the training was cut off, the later one.
    """
    curves = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "events.out.tfevents.*"))):
        for event in tf.train.summary_iterator(path):
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    curves.setdefault(value.tag, {})[event.step] = value.simple_value
    return {tag: [list(point) for point in sorted(each.items())] for tag, each in curves.items()}
