"""Files of PyTorch, read without PyTorch and without running what is in them."""

import contextlib
import functools
import mmap
import zipfile

import numpy as np

from estimator.imports.pickles import read_pickle
from estimator.imports.tensors import KINDS, Storage, StorageView, StoredTensor
from input_fn import DataError, outage_of, reason_of

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_OF_ZIP = b"PK\x03\x04"
_OF_PICKLE = b"\x80"
_OF_LFS = b"version https://git-lfs"
_PICKLE = "data.pkl"
_ORDER = b"little"
_OTHER_ORDER = "was written on a machine with the other order of bytes; save it again"
# A pickle of a thousand tensors has less than one.
_LARGEST_PICKLE = 64 * 2**20
_NESTED = ("state_dict", "model", "netG", "generator")
_PREFIX = "module."  # Of networks that were trained on several GPUs.
_UNREADABLE = (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, OSError)


def is_pth(path):
    """Says whether a file begins as those of PyTorch do.

    Raises:
        DataError: It is empty, or stands for one that was not downloaded.
    """
    with open(path, "rb") as file:
        start = file.read(len(_OF_LFS))
    if not start:
        raise DataError("is empty; download or save it again")
    if start == _OF_LFS:
        raise DataError("stands for a file that Git LFS has not downloaded; run git lfs pull")
    return start.startswith((_OF_ZIP, _OF_PICKLE))


@contextlib.contextmanager
def opened(path):
    """Opens a state_dict, in the form of before PyTorch 1.6 (2020) or of today.

    It may be within a dict under `state_dict` or `model`; `module.` before every name is left out.

    Args:
        path: Of the file.

    Yields:
        Dict of name to `(shape, read)`, the latter a function that returns a float32 array.

    Raises:
        DataError: It is cut off, damaged, or holds anything but tensors; also within the block. The
            message does not name the file.
    """
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(path, "rb"))
        open_form = _open_zip if file.read(4) == _OF_ZIP else _open_older
        with _in_one_line():
            value, read = open_form(file, stack)

        def read_tensor(tensor):
            with _in_one_line():
                return tensor.array(read)

        yield {
            name: (tensor.shape, functools.partial(read_tensor, tensor))
            for name, tensor in _state_dict(value).items()
        }


@contextlib.contextmanager
def _in_one_line():
    try:
        yield
    except DataError:
        raise
    except _UNREADABLE as error:
        # A position in a damaged file may be an argument that the system does not take.
        if isinstance(error, OSError) and outage_of(error) is not None:
            raise
        reason = reason_of(error)
        raise DataError(f"is cut off or damaged ({reason}); download or save it again") from None


class _Storages:
    """The storages that a pickle speaks of: `found`, a dict of key to `Storage`."""

    def __init__(self):
        self.found = {}

    def view(self, value):
        """Makes what stands for a pickle's word on a storage."""
        if not isinstance(value, tuple) or len(value) not in (5, 6) or value[0] != "storage":
            raise DataError("has a tensor without a storage")
        _, kind, key, _, size, *part = value
        storage = Storage(key, kind, size)
        known = self.found.setdefault(storage.key, storage)
        if (known.kind, known.size) != (kind, size):
            raise DataError(f"has two storages of the name {key}")
        if not part or part[0] is None:
            return StorageView(known, 0, size)
        if not isinstance(part[0], tuple) or len(part[0]) != 3:
            raise DataError(f"has a part of storage {key} that is not within it")
        return StorageView(known, *part[0][1:])


def _open_zip(file, stack):
    archive = stack.enter_context(zipfile.ZipFile(file))
    pickles = [each for each in archive.infolist() if each.filename.endswith("/" + _PICKLE)]
    if len(pickles) != 1:
        raise DataError(f"is a zip file with {len(pickles)} {_PICKLE} in it, not one of PyTorch")
    folder = pickles[0].filename[: -len(_PICKLE)]
    if (
        f"{folder}byteorder" in archive.namelist()
        and archive.read(f"{folder}byteorder") != b"little"
    ):
        raise DataError("was written on a machine with the other order of bytes; save it again")
    _require_plain(pickles[0], pickles[0].file_size, _LARGEST_PICKLE)
    storages = _Storages()
    value, _ = read_pickle(archive.read(pickles[0]), 0, _NAMES, storages.view)
    entries = {each.filename: each for each in archive.infolist()}
    for storage in storages.found.values():
        entry = entries.get(f"{folder}data/{storage.key}")
        if entry is None:
            raise DataError(f"has no storage {storage.key}, of which its pickle speaks")
        _require_plain(entry, storage.size * storage.kind.dtype.itemsize)

    def read(storage):
        content = archive.read(f"{folder}data/{storage.key}")
        return np.frombuffer(content, storage.kind.dtype)

    return value, read


def _require_plain(entry, size, largest=None):
    """Checks an entry's size before it is read: a small zip file may hold a large one."""
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        raise DataError(f"has {entry.filename} compressed, which PyTorch does not do")
    if entry.file_size != size or (largest is not None and size > largest):
        raise DataError(
            f"has {entry.file_size} bytes in {entry.filename}, which its pickle does not say"
        )


def _open_older(file, stack):
    data = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    position, storages = 0, _Storages()
    values = []
    while len(values) < 5:  # Magic number, protocol, system, state_dict, names of the storages.
        part = data[position : position + _LARGEST_PICKLE]
        value, length = read_pickle(part, 0, _NAMES, storages.view)
        position += length
        values.append(value)
        if values[0] != _MAGIC_NUMBER:
            raise DataError("is a pickle, but not of PyTorch; save net.state_dict()")
    _, protocol, system, state, keys = values
    if protocol != _PROTOCOL or not isinstance(system, dict):
        raise DataError(f"is of another protocol of PyTorch than {_PROTOCOL}; save it again")
    if system.get("little_endian") is not True:
        raise DataError(_OTHER_ORDER)
    if not isinstance(keys, list) or set(storages.found) - set(filter(_is_text, keys)):
        raise DataError("lacks storages of which its pickle speaks; download or save it again")
    places = {}
    for key in keys:
        storage = storages.found.get(key) if _is_text(key) else None
        if storage is None:
            raise DataError("has storages of which its pickle does not speak")
        size = int.from_bytes(data[position : position + 8], "little", signed=True)
        places[key], position = position + 8, position + 8 + size * storage.kind.dtype.itemsize
        if size != storage.size or position > len(data):
            raise DataError(
                f"is cut off or damaged: storage {key} has {storage.size} numbers; download or "
                "save it again"
            )

    def read(storage):
        place = places[storage.key]
        content = data[place : place + storage.size * storage.kind.dtype.itemsize]
        return np.frombuffer(content, storage.kind.dtype)

    return state, read


def _is_text(value):
    return isinstance(value, str)


def _state_dict(value):
    """Finds the tensors with names; other values beside them are left out."""
    for _ in range(len(_NESTED)):
        if not isinstance(value, dict):
            raise DataError("holds no state_dict; save net.state_dict()")
        tensors = {
            name: each
            for name, each in value.items()
            if isinstance(each, StoredTensor) and _is_text(name)
        }
        if tensors:
            break
        value = next((value[name] for name in _NESTED if isinstance(value.get(name), dict)), None)
    else:
        raise DataError("holds no state_dict; save net.state_dict()")
    if all(name.startswith(_PREFIX) for name in tensors):
        tensors = {name[len(_PREFIX) :]: each for name, each in tensors.items()}
    return tensors


def _ordered_dict(pairs=()):
    if not isinstance(pairs, (list, tuple)) or not all(
        isinstance(each, (list, tuple)) and len(each) == 2 and isinstance(each[0], (str, int))
        for each in pairs
    ):
        raise DataError("has a damaged dict; download or save it again")
    return dict(pairs)


def _tensor(view, offset, shape, strides, *_):
    return StoredTensor(view, offset, shape, strides)


def _parameter(tensor, *_):
    return tensor


_NAMES = {
    "collections.OrderedDict": _ordered_dict,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    **{f"torch.{name}": kind for name, kind in KINDS.items()},
    # Of networks that were on a GPU when they were saved.
    **{f"torch.cuda.{name}": kind for name, kind in KINDS.items()},
}
