"""How the programs end: one line and an exit code for each kind of error."""

import errno
import sys

from estimator.errors import MachineError, OptionsError, RunError
from hooks import NonFiniteLossError
from input_fn import DataError

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130

_FULL_DISK = frozenset([errno.ENOSPC, errno.EDQUOT])
_BROKEN_CONNECTION = frozenset(
    [
        errno.EPIPE,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.ECONNREFUSED,
        errno.ENOTCONN,
        errno.ETIMEDOUT,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENETRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ESTALE,  # Of a network's file system.
    ]
)
_FAILING_MACHINE = frozenset([errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE])


def exit_code_of(run, what_is_safe):
    """Runs a program's body and turns its errors into one line on stderr.

    Args:
        run: Function without arguments; what it returns is the exit code, None counting as 0.
        what_is_safe: What to say to a user whose program was interrupted, by Ctrl-C, a full disk
            or a broken connection.

    Returns:
        Exit code: 0 or what `run` returned; 2 for bad input; 1 for a run that failed, also for
        want of disk, of memory or of a connection; 130 for one that was interrupted.
    """
    try:
        return run() or 0
    except (OptionsError, DataError) as error:
        return _say(error, BAD_INPUT)
    except MachineError as error:
        return _say(f"{error}; {what_is_safe}", FAILED)
    except (RunError, NonFiniteLossError) as error:
        return _say(error, FAILED)
    except OSError as error:
        trouble = trouble_of(error)
        if trouble is None:
            return _say(error, BAD_INPUT)
        return _say(f"{trouble}; {what_is_safe}", FAILED)
    except KeyboardInterrupt:
        return _say(f"interrupted; {what_is_safe}", INTERRUPTED)


def trouble_of(error):
    """Says what is wrong with the machine, if that is what an error of the system tells.

    Args:
        error: `OSError`.

    Returns:
        One line; None for what a user can put right by naming another file.
    """
    if error.errno in _FULL_DISK:
        return f"the disk is full ({error})"
    if error.errno in _BROKEN_CONNECTION:
        return f"a connection broke ({error})"
    if error.errno in _FAILING_MACHINE:
        return f"the machine failed ({error})"
    return None


def _say(message, code):
    print(f"error: {message}", file=sys.stderr, flush=True)
    return code
