"""How the programs end: one line and an exit code for each kind of error."""

import re
import sys

import tensorflow.compat.v1 as tf

from estimator.errors import MachineError, OptionsError, RunError
from estimator.interruption import Interrupted, Interruption
from estimator.options.views import FLAG_OF_FIELD
from hooks import NonFiniteLossError
from input_fn import DataError, outage_of, reason_of

BAD_INPUT = 2
FAILED = 1

_SHOWN = 10

# The settings that the rooms below speak of, by the names that these have for them.
_FLAG_OF_FIELD = {
    **{field: f"--{flag}" for field, flag in FLAG_OF_FIELD.items()},
    "alpha": "--alpha",
    "cache": "--cache",
    "group": "--group",
    "layout": "--data_layout",
    "log_bands": "--log_bands",
    "loss_scale": "--loss_scale",
    "neighbours": "--neighbours",
    "nodata": "--nodata",
    "value_range": "--value_range",
    "weights": "--weights",
}


def exit_code_of(run, what_is_safe, interruption=None):
    """Runs a program's body and turns its errors into one line on stderr.

    Args:
        run: Function without arguments; what it returns is the exit code, None counting as 0.
        what_is_safe: What to say to a user whose program was interrupted, by Ctrl-C, a full disk
            or a broken connection.
        interruption: `Interruption` that `run` looks at; None where it just ends.

    Returns:
        Exit code: 0 or what `run` returned; 2 for bad input; 1 for a run that failed, also for
        want of disk, of memory or of a connection; 130 for one that was interrupted by Ctrl-C, 143
        by SIGTERM.
    """
    try:
        with interruption or Interruption():
            return run() or 0
    except DataError as error:
        _say(error, BAD_INPUT)
        for line in abridged(error.others):
            _say(line, BAD_INPUT)
        return BAD_INPUT
    except OptionsError as error:
        return _say(error, BAD_INPUT)
    except MachineError as error:
        return _say(f"{error}; {what_is_safe}", FAILED)
    except (RunError, NonFiniteLossError) as error:
        return _say(error, FAILED)
    except (OSError, tf.errors.OpError) as error:
        outage, reason = outage_of(error), reason_of(error)
        if outage is not None:
            return _say(f"{outage} ({reason}); {what_is_safe}", FAILED)
        if isinstance(error, tf.errors.OpError):
            raise
        return _say(error, BAD_INPUT)
    except Interrupted as interrupted:
        return _say(f"{interrupted}; {what_is_safe}", interrupted.exit_code)


def abridged(lines):
    """Takes the first of many lines on bad files, with a last one on the rest."""
    shown = list(lines[:_SHOWN])
    if len(lines) > _SHOWN:
        shown.append(
            f"{len(lines) - _SHOWN} more are bad; `python input_fn/prepare.py check DIR "
            "--json=FILE` writes all of them to a file"
        )
    return shown


def naming_flags(message):
    """Names the flags where a message of the rooms below has fields, which are in backquotes.

    Args:
        message: Text, or an exception.

    Returns:
        The text, with `--data_layout` for `layout` and so on.
    """
    return re.sub(
        "`([a-z0-9_]+)`",
        lambda field: _FLAG_OF_FIELD.get(field.group(1), field.group(0)),
        str(message),
    )


def _say(message, code):
    print(f"error: {naming_flags(message)}", file=sys.stderr, flush=True)
    return code
