"""The scores of a run's pictures, computed once and kept beside them."""

import contextlib
import hashlib
import os

from input_fn import write_json
from quality import lite_network
from quality.pictures import read_triples
from quality.runs import read_json
from quality.scores import score_pictures

_SCORES_FILE = "scores.json"
# To be raised when a score is computed otherwise than before: what is kept is computed again.
_EDITION = 1


class Judge(contextlib.AbstractContextManager):
    """Scores pictures; a context manager that ends its feature network's session.

    Args:
        palette: int array [classes, 3], the colours of label maps, or None.
        with_features: Whether there is a feature network, for KID.
    """

    def __init__(self, palette, with_features):
        self._palette = palette
        self._with_features = with_features
        self._network = None
        self._of_targets = {}

    def __exit__(self, *exception):
        if self._network is not None:
            self._network.__exit__(*exception)

    def scores(self, run, step):
        """Gives the scores of what a run made at a step.

        Args:
            run: `Run` that has these pictures.
            step: The step.

        Returns:
            Dict, see `score_pictures`.

        Raises:
            RunError: A picture is missing or damaged.
        """
        path = os.path.join(run.place_of(step), _SCORES_FILE)
        by = {
            "edition": _EDITION,
            "palette": None if self._palette is None else self._palette.tolist(),
            "features": self._with_features,
        }
        kept = read_json(path)
        if kept is not None and kept["by"] == by:
            return kept["scores"]
        scores = score_pictures(
            read_triples(run.place_of(step)),
            self._palette,
            self._features if self._with_features else None,
        )
        write_json(path, {"by": by, "scores": scores})
        return scores

    def _features(self, picture, is_target):
        if self._network is None:
            self._network = lite_network.FeatureNetwork()
        if not is_target:
            return self._network.features(picture)
        # All runs have the same targets.
        key = hashlib.sha1(picture.tobytes()).digest()
        if key not in self._of_targets:
            self._of_targets[key] = self._network.features(picture)
        return self._of_targets[key]
