"""How the programs end: one line and an exit code for each kind of error."""

import sys

from estimator.errors import OptionsError, RunError
from hooks import NonFiniteLossError
from input_fn import DataError

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130


def exit_code_of(run, after_interrupt):
    """Runs a program's body and turns its errors into one line on stderr.

    Args:
        run: Function without arguments; what it returns is the exit code, None counting as 0.
        after_interrupt: What to say to a user who has pressed Ctrl-C.

    Returns:
        Exit code: 0 or what `run` returned, 2 for bad input, 1 for a run that failed, 130 for one
        that was interrupted.
    """
    try:
        return run() or 0
    except (OptionsError, DataError) as error:
        return _say(error, BAD_INPUT)
    except (RunError, NonFiniteLossError) as error:
        return _say(error, FAILED)
    except OSError as error:
        return _say(error, BAD_INPUT)
    except KeyboardInterrupt:
        return _say(after_interrupt, INTERRUPTED)


def _say(message, code):
    print(f"error: {message}", file=sys.stderr, flush=True)
    return code
