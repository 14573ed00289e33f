"""A run: one recipe with one seed, and the folder of what it leaves."""

import json
import os
from dataclasses import dataclass

from estimator.errors import OptionsError
from input_fn import write_json
from quality.recipes import Recipe

METRICS_FILE = "metrics.json"
_RUN_FILE, _TRAINED_FILE = "run.json", "trained.json"


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        recipe: `Recipe`.
        seed: Of the training.
        folder: Path.
    """

    recipe: Recipe
    seed: int
    folder: str

    @property
    def name(self):
        """For the user."""
        return f"{self.recipe.name}, seed {self.seed}"

    @property
    def log(self):
        """Path of what its programs have said."""
        return os.path.join(self.folder, "log.txt")

    def place_of(self, step):
        """The folder of what was made at a step: outputs/, and metrics.json once it is whole."""
        return os.path.join(self.folder, f"at-{step}")

    def has_pictures(self, step):
        """Whether all pictures of a step are there."""
        return os.path.exists(os.path.join(self.place_of(step), METRICS_FILE))

    @property
    def trained(self):
        """What was written when its training was over, a dict; None before."""
        return read_json(os.path.join(self.folder, _TRAINED_FILE))

    def write_trained(self, content):
        """Writes that the training is over: `losses` and `images_per_sec`."""
        write_json(os.path.join(self.folder, _TRAINED_FILE), content)

    def claim(self, content):
        """Makes the folder this run's.

        Args:
            content: Dict of what makes the run what it is.

        Raises:
            OptionsError: The folder holds another one.
        """
        path = os.path.join(self.folder, _RUN_FILE)
        held = read_json(path)
        if held is None:
            write_json(path, content)
            return
        for name, value in content.items():
            if held.get(name) != value:
                raise OptionsError(
                    f"{self.folder}: holds a run with other {name}, {_text(held.get(name))} in "
                    f"place of {_text(value)}; choose another --output, or remove that folder"
                )


def run_of(settings, recipe, seed):
    """Makes the `Run` of a recipe and a seed."""
    folder = os.path.join(settings.output, "runs", recipe.name, f"seed-{seed}")
    return Run(recipe, seed, folder)


def read_json(path):
    """Reads a file that the bench has written; None where there is none.

    Raises:
        OptionsError: It cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OptionsError(f"{path}: cannot be read ({error}); remove it") from None


def _text(value):
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
