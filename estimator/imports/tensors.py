"""Tensors as PyTorch's files describe them, checked before a byte of them is read."""

import numpy as np

from input_fn import DataError


class Kind:
    """The type of a storage's numbers: PyTorch's name, and NumPy's `dtype`, little endian.

    NumPy has no bfloat16, the upper half of a float32; it is read as uint16.
    """

    def __init__(self, name, dtype):
        self.name = name
        self.dtype = np.dtype(dtype)


BFLOAT16 = "BFloat16Storage"
_DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    BFLOAT16: "<u2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "<u1",
}
KINDS = {name: Kind(name, dtype) for name, dtype in _DTYPES.items()}
_FLOATS = ("FloatStorage", "DoubleStorage", "HalfStorage", BFLOAT16)
_MOST_DIMENSIONS = 8


class Storage:
    """A row of numbers in a file.

    Attributes:
        key: Its name in the file.
        kind: `Kind`.
        size: How many numbers it has.

    Raises:
        DataError: One of these is something else.
    """

    def __init__(self, key, kind, size):
        known = isinstance(key, str) and key.isalnum() and isinstance(kind, Kind)
        if not (known and _is_count(size)):
            raise DataError("has a storage of a kind that is not known here")
        self.key = key
        self.kind = kind
        self.size = size


class StorageView:
    """A part of a storage that tensors share; `start` and `size` count numbers."""

    def __init__(self, storage, start, size):
        if not (_is_count(start) and _is_count(size)) or start + size > storage.size:
            raise DataError(f"has a part of storage {storage.key} that is not within it")
        self.storage = storage
        self.start = start
        self.size = size


class StoredTensor:
    """A tensor in a file.

    Attributes:
        shape: Tuple of whole numbers.

    Args:
        view: `StorageView`.
        offset: Of its first number within that.
        shape: See above.
        strides: How many numbers apart neighbours along each axis are.

    Raises:
        DataError: It is not within its storage.
    """

    def __init__(self, view, offset, shape, strides):
        if not isinstance(view, StorageView):
            raise DataError("has a tensor without a storage")
        for numbers in (shape, strides):
            if not isinstance(numbers, tuple) or not all(map(_is_count, numbers)):
                raise DataError("has a tensor whose shape or strides are no whole numbers above 0")
        if len(shape) != len(strides) or len(shape) > _MOST_DIMENSIONS:
            raise DataError("has a tensor with other strides than axes, or too many of them")
        self.shape = shape
        self._view = view
        self._offset = offset
        # Along an axis of one, a stride takes no part, and may be any number.
        self._strides = tuple(stride if side > 1 else 0 for side, stride in zip(shape, strides))
        self._require_within()

    def _require_within(self):
        number = 1
        for side in self.shape:
            number *= side
        last = self._offset if _is_count(self._offset) else -1
        last += sum((side - 1) * stride for side, stride in zip(self.shape, self._strides))
        # Also no more numbers than there are: strides of 0 would make any number of them.
        if not _is_count(self._offset) or (
            number and (last >= self._view.size or number > self._view.size)
        ):
            raise DataError(
                f"has a tensor of shape {list(self.shape)} that its storage of "
                f"{self._view.size} numbers does not cover"
            )
        self._is_empty = number == 0

    @property
    def is_float(self):
        """Whether its numbers are no whole ones."""
        return self._view.storage.kind.name in _FLOATS

    def array(self, read):
        """Reads it.

        Args:
            read: Function of a `Storage` that returns its numbers, an array of its kind.

        Returns:
            float32 array.
        """
        if self._is_empty:
            return np.zeros(self.shape, np.float32)
        storage = self._view.storage
        first = self._view.start + self._offset
        numbers = read(storage)[first : self._view.start + self._view.size]
        if storage.kind.name == BFLOAT16:
            numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
        strides = [stride * numbers.itemsize for stride in self._strides]
        view = np.lib.stride_tricks.as_strided(numbers, self.shape, strides)
        return np.array(view, np.float32)


def _is_count(number):
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
