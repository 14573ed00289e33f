"""Prepares and checks data sets: python input_fn/prepare.py COMMAND ...; --help lists them."""

import argparse
import errno
import os
import sys

if __name__ == "__main__":
    # Started as a script, Python looks for packages beside this file, not in the folder above.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What TensorFlow's C++ side logs is not for the user of a tool.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130

_PROGRAM, _COMMAND = "prepare.py", "pix2pix-prepare"
_SAFE = "what is written is whole, and the same command goes on"
# Nothing is wrong with what the user has said.
_OF_THE_MACHINE = frozenset(
    [
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EPIPE,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.ETIMEDOUT,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
    ]
)


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        print(f"error: {message} (--help lists the flags)", file=sys.stderr)
        sys.exit(BAD_INPUT)


def main(arguments=None):
    """Runs one command.

    Args:
        arguments: Command and flags; None for those of the command line.

    Returns:
        Exit code: 0; 1 if something was skipped, a check found faults, the disk is full or a
        connection broke; 2 for bad input (one line on stderr); 130 if interrupted.
    """
    options = build_parser().parse_args(arguments)
    from input_fn.errors import DataError

    try:
        return options.run(options)
    except DataError as error:
        return _say(error, BAD_INPUT)
    except OSError as error:
        if error.errno in _OF_THE_MACHINE:
            return _say(f"the disk is full or a connection broke ({error}); {_SAFE}", FAILED)
        return _say(error, BAD_INPUT)
    except KeyboardInterrupt:
        return _say(f"interrupted; {_SAFE}", INTERRUPTED)


def build_parser():
    """Builds the parser of all commands."""
    import warnings

    # TensorFlow 1.15 was written for an older NumPy and says so a dozen times.
    warnings.simplefilter("ignore", FutureWarning)
    from input_fn.tools import COMMANDS

    is_command = os.path.basename(sys.argv[0]) == _COMMAND
    parser = _OneLineParser(
        prog=_COMMAND if is_command else _PROGRAM, description="Prepares and checks data sets."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add_command in COMMANDS:
        add_command(commands)
    return parser


def _say(message, code):
    print(f"error: {message}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
