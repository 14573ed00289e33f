"""What a tiled translation has done so far, on disk: a stopped one goes on from there."""

import json
import os

import numpy as np

from input_fn import remove_path, write_bytes, write_json

_ROWS, _STATE, _STATISTICS = "rows.f32", "state.json", "statistics.f32"


class TiledWork:
    """The rows of a picture that are finished, in a hidden folder beside the result.

    Args:
        target: Path of the result.
        key: Dict that JSON can hold, of all that the result depends on. What was done for another
            one is thrown away.

    Attributes:
        target: Path of the result.
        done: Number of rows that are finished; None if the result is written.
    """

    def __init__(self, target, key):
        folder, name = os.path.split(os.path.abspath(target))
        self._folder = os.path.join(folder, f".{name}.tiles")
        self._key = key
        self.target = target
        state = self._read_state()
        if state is None:
            remove_path(self._folder)
            os.makedirs(self._folder)
            state = {"done": 0}
            self._write_state(0)
        self.done = state["done"]

    def statistics(self, measure):
        """Reads the statistics that all tiles share, or has them measured, once.

        Args:
            measure: Function without arguments that returns float32 [2, channels].
        """
        path = os.path.join(self._folder, _STATISTICS)
        if not os.path.exists(path):
            write_bytes(path, measure().astype(np.float32).tobytes())
        return np.fromfile(path, np.float32).reshape([2, -1])

    def append(self, rows):
        """Adds finished rows: float32 [any, width, channels]."""
        with open(os.path.join(self._folder, _ROWS), "ab") as file:
            # Beyond what is said to be done, a killed process may have left some.
            file.truncate(self.done * rows[0].nbytes)
            file.write(np.ascontiguousarray(rows).data)
            file.flush()
            os.fsync(file.fileno())
        self.done += len(rows)
        self._write_state(self.done)

    def blocks(self, shape, count):
        """Reads what is finished, from the top.

        Args:
            shape: (height, width, channels) of the picture.
            count: Rows of a block; the last one may have fewer.

        Yields:
            float32 [rows, width, channels].
        """
        with open(os.path.join(self._folder, _ROWS), "rb") as file:
            for top in range(0, shape[0], count):
                rows = min(count, shape[0] - top)
                block = np.fromfile(file, np.float32, rows * shape[1] * shape[2])
                yield block.reshape([rows, *shape[1:]])

    def finish(self):
        """Keeps of the work only that it is done, for when others of the same command are not."""
        self._write_state(None)
        for name in (_ROWS, _STATISTICS):
            remove_path(os.path.join(self._folder, name))

    def forget(self):
        """Removes the folder."""
        remove_path(self._folder)

    def _write_state(self, done):
        write_json(os.path.join(self._folder, _STATE), {"key": self._key, "done": done})

    def _read_state(self):
        """Reads how far the work is; None if there is none that can be gone on with."""
        try:
            with open(os.path.join(self._folder, _STATE), encoding="utf-8") as file:
                state = json.load(file)
            if state["key"] != json.loads(json.dumps(self._key)):
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        is_lost = state["done"] is None and not os.path.exists(self.target)
        return None if is_lost else state
