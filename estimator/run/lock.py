"""Keeps two trainings from writing to one folder."""

import contextlib
import fcntl
import os

from estimator.errors import OptionsError

_LOCK = ".lock"


def lock_or_holder(stack, folder):
    """Locks a folder, which is made if need be, until a stack is left or this process ends.

    Args:
        stack: `contextlib.ExitStack`.
        folder: Local path.

    Returns:
        None if it is locked now; else the number of the process that has it, as text.

    Raises:
        OSError: The file system has no locks.
    """
    os.makedirs(folder, exist_ok=True)
    # Not emptied as it is opened: what is in it may be of the process that holds it.
    file = os.open(os.path.join(folder, _LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    stack.callback(os.close, file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(file, 20).decode("ascii", "replace").strip()
    os.ftruncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode("ascii"))
    return None


class FolderLock(contextlib.ExitStack):
    """Holds folders for this process until it is left, or the process ends, however it does."""

    def take(self, folder):
        """Takes a folder, which is made if need be; one of an object store is not to be had.

        Args:
            folder: Path.

        Raises:
            OptionsError: Another process has it.
        """
        if "://" in folder:
            return
        try:
            holder = lock_or_holder(self, folder)
        except OSError:
            return  # A file system that has no locks.
        if holder is not None:
            raise OptionsError(
                f"--checkpoint_dir {folder}: another training (process {holder}) is "
                "writing to it; wait for it to end, or name another folder"
            )
