"""The weights of another program's network, by their names there, and which of them were used."""

import numpy as np

from input_fn import DataError

_SHOWN = 3


class Weights:
    """Weights that are read when they are taken.

    Args:
        tensors: Dict of name to `(shape, read)`, the latter a function that returns an array.
    """

    def __init__(self, tensors):
        self._tensors = tensors
        self._taken = set()

    def __contains__(self, name):
        return name in self._tensors

    def names(self):
        """Lists all names, in the file's order."""
        return list(self._tensors)

    def shape(self, name):
        """Gives a shape; () where there is no such name."""
        return tuple(self._tensors[name][0]) if name in self._tensors else ()

    def take(self, name, axes):
        """Reads one.

        Args:
            name: In the file.
            axes: How many it must have.

        Returns:
            float32 array.

        Raises:
            DataError: It is not there, has other axes, or is not finite.
        """
        if name not in self._tensors:
            raise DataError(f"has no {name}, so it is not the network that the other names are of")
        shape, read = self._tensors[name]
        if len(shape) != axes:
            raise DataError(f"has {name} of shape {list(shape)}; {axes} axes were expected")
        array = np.asarray(read(), np.float32)
        if not np.all(np.isfinite(array)):
            raise DataError(f"has {name} with numbers that are infinite or none; take another file")
        self._taken.add(name)
        return array

    def take_or(self, name, default):
        """Reads one of one axis, as `take` does; `default` if there is no such name."""
        return self.take(name, 1) if name in self._tensors else default

    def require_all_taken(self, ignored):
        """Checks that nothing was left.

        Args:
            ignored: Function of a name that says whether it may be left.

        Raises:
            DataError: Something was.
        """
        rest = [name for name in self._tensors if name not in self._taken and not ignored(name)]
        if rest:
            more = f" and {len(rest) - _SHOWN} more" if len(rest) > _SHOWN else ""
            raise DataError(
                f"also has {', '.join(rest[:_SHOWN])}{more}, which no network that can be "
                "imported has"
            )
