"""How the programs end: one line and an exit code for each kind of error."""

import sys

from estimator.errors import MachineError, OptionsError, RunError
from hooks import NonFiniteLossError
from input_fn import DataError, outage_of

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130


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
        outage = outage_of(error)
        if outage is None:
            return _say(error, BAD_INPUT)
        return _say(f"{outage} ({error}); {what_is_safe}", FAILED)
    except KeyboardInterrupt:
        return _say(f"interrupted; {what_is_safe}", INTERRUPTED)


def _say(message, code):
    print(f"error: {message}", file=sys.stderr, flush=True)
    return code
