"""The best checkpoint of a run: a copy beside the last ones, replaced as a whole or not at all.

`best.json` is written last and says which files are meant. So a process that is killed leaves the
copy of before or the new one, and what it leaves beside that is removed at the next start.
"""

import contextlib
import functools
import glob
import json
import math
import os
import shutil
from dataclasses import asdict, dataclass, fields
from typing import Dict

from estimator.errors import OptionsError
from estimator.run.checkpoints import latest_checkpoint, write_list
from estimator.run.stored_run import OPTIONS_FILE
from input_fn import remove_path, write_json, write_whole

BEST_FOLDER = "best"
BEST_FILE = "best.json"
_SMALLER_IS_BETTER = ("l1",)
_PUT_ASIDE = "replaced.ckpt-"
_OURS = ("model.ckpt-", _PUT_ASIDE)


@dataclass(frozen=True)
class Best:
    """What `best.json` says.

    Attributes:
        step: Of the checkpoint.
        by: Name of the score by which it was the best.
        scores: Dict of name to number, all scores of the checkpoint.
        checkpoint: Name of the checkpoint in the folder, less extension.
        scored_step: The last step that was compared with it.
    """

    step: int
    by: str
    scores: Dict[str, float]
    checkpoint: str
    scored_step: int

    @property
    def line(self):
        """A line for the user."""
        return f"best: step {self.step}, {self.by} {self.scores[self.by]:.4f}"


def best_folder(checkpoint_dir):
    """Says where a run's best checkpoint is, if it has one."""
    return os.path.join(checkpoint_dir, BEST_FOLDER)


def read_best(checkpoint_dir):
    """Reads what is kept as the best of a run.

    Args:
        checkpoint_dir: The run's folder.

    Returns:
        `Best`; None if there is none.

    Raises:
        OptionsError: `best.json` cannot be read.
    """
    folder = best_folder(checkpoint_dir)
    path = os.path.join(folder, BEST_FILE)
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        best = Best(**{field.name: content[field.name] for field in fields(Best)})
        is_there = os.path.exists(os.path.join(folder, best.checkpoint + ".index"))
        best.line  # noqa: B018 - raises if the score is missing
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise OptionsError(
            f"{path}: cannot be read ({reason}); remove {folder} to go on without that best"
        ) from None
    return best if is_there else None


def settle_best(checkpoint_dir, is_wanted):
    """Brings what a killed training was about to keep to an end, or away.

    Args:
        checkpoint_dir: The run's folder, to be called by who has its lock.
        is_wanted: Whether this run keeps a best; if not, what cannot be read is let be.

    Raises:
        OptionsError: As of `read_best`, if it is wanted.
    """
    try:
        best = read_best(checkpoint_dir)
    except OptionsError:
        if is_wanted:
            raise
        return
    # What this run has not to do with may be anyone's.
    if best is not None or (is_wanted and os.path.isdir(best_folder(checkpoint_dir))):
        _leave_only(best, best_folder(checkpoint_dir))


class BestKeeper:
    """Compares the scores of checkpoints with the best so far, and keeps a copy of a better one.

    Args:
        checkpoint_dir: The run's folder.
        by: Name of the score: l1, psnr or ssim.

    Raises:
        OptionsError: As of `read_best`.
    """

    def __init__(self, checkpoint_dir, by):
        self._checkpoint_dir = checkpoint_dir
        self._folder = best_folder(checkpoint_dir)
        self._by = by
        self._best = read_best(checkpoint_dir)

    def is_scored(self, step):
        """Whether a step's checkpoint was compared with the best already."""
        return self._best is not None and step <= self._best.scored_step

    def offer(self, step, scores):
        """Keeps a copy of a step's checkpoint if it is better than the best so far.

        Args:
            step: Of a checkpoint that is in the run's folder.
            scores: Dict of name to number; NaN is no score.

        Returns:
            A line that says so; None if it is not better.

        Raises:
            OSError: It cannot be copied; the best so far is left as it was.
        """
        if not self._is_better(scores[self._by]):
            if self._best is not None:
                self._write(Best(**{**asdict(self._best), "scored_step": step}))
            return None
        self._replace(step, scores)
        return self._best.line

    def _is_better(self, score):
        held = None if self._best is None else self._best.scores.get(self._by)
        if math.isnan(score) or held is None:
            return not math.isnan(score)
        return score < held if self._by in _SMALLER_IS_BETTER else score > held

    def _replace(self, step, scores):
        name = f"model.ckpt-{step}"
        try:
            if self._best is not None and self._best.checkpoint == name:
                self._put_aside()
            prefix = os.path.join(self._checkpoint_dir, name)
            for source in _files_of(prefix) or [prefix]:
                self._copy(source, os.path.basename(source))
            # So the folder is of use without the one around it.
            self._copy(os.path.join(self._checkpoint_dir, OPTIONS_FILE), OPTIONS_FILE)
            self._write(Best(step, self._by, scores, name, step))
        except OSError:
            # Of a full disk, this gives back what was taken.
            _leave_only(self._best, self._folder)
            raise
        _leave_only(self._best, self._folder)

    def _put_aside(self):
        """Gives the best so far another name, since one of the same step is to have its own.

        So it is with a run that was set back and has come to this step again.
        """
        name = f"{_PUT_ASIDE}{self._best.step}"
        for source in _files_of(os.path.join(self._folder, self._best.checkpoint)):
            self._copy(source, os.path.basename(source).replace(self._best.checkpoint, name, 1))
        self._write(Best(**{**asdict(self._best), "checkpoint": name}))
        write_list(self._folder, [name])

    def _copy(self, source, name):
        write_whole(os.path.join(self._folder, name), functools.partial(shutil.copyfile, source))

    def _write(self, best):
        write_json(os.path.join(self._folder, BEST_FILE), asdict(best))
        self._best = best


def _leave_only(best, folder):
    """Removes all checkpoints but the best, and makes the list name that one."""
    kept = []
    if best is not None:
        kept = _files_of(os.path.join(folder, best.checkpoint))
        if latest_checkpoint(folder) != os.path.join(folder, best.checkpoint):
            write_list(folder, [best.checkpoint])
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name.startswith(_OURS) and path not in kept:
                remove_path(path)


def _files_of(prefix):
    return sorted(glob.glob(glob.escape(prefix) + ".*"))
