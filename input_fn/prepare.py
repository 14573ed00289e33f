"""Prepares and checks data sets: python input_fn/prepare.py COMMAND ...; --help lists them."""

import argparse
import contextlib
import io
import os
import sys

OUTAGE = 1
BAD_INPUT = 2
INTERRUPTED = 130


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        print(f"error: {message} (--help lists the flags)", file=sys.stderr)
        sys.exit(BAD_INPUT)


def build_parser():
    """Builds the parser of all commands; of what it parses, `run` is the function to call."""
    from input_fn.tools import COMMANDS

    parser = _OneLineParser(description="Prepares and checks data sets.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_command(commands)
    return parser


def main(arguments=None):
    """Runs one command.

    Args:
        arguments: Command and flags; None for those of the command line.

    Returns:
        Exit code: 0; 1 if something was skipped, a check found faults, the disk is full or a
        connection broke; 2 for bad input (one line on stderr, as for the former); 130 if
        interrupted.
    """
    import warnings

    # What TensorFlow's C++ side logs is not for the user of a tool.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow 1.15 was written for an older NumPy and says so a dozen times.
    warnings.simplefilter("ignore", FutureWarning)
    import tensorflow.compat.v1 as tf

    from input_fn.errors import DataError, outage_of
    from input_fn.files import remove_leftovers

    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files may be no UTF-8.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    try:
        if "out" in options:
            remove_leftovers(options.out)
        code = options.run(options)
        # While it can still be said that nobody takes the output.
        sys.stdout.flush()
        return code
    except (DataError, OSError, tf.errors.OpError) as error:
        outage, reason = outage_of(error), str(error).splitlines()[0]
        reason = reason.replace("`layout`", "--data_layout")
        if outage is None:
            print(f"error: {reason}", file=sys.stderr, flush=True)
            return BAD_INPUT
        print(
            f"error: {outage} ({reason}); what is written is whole, and the same command goes on",
            file=sys.stderr,
            flush=True,
        )
        if isinstance(error, BrokenPipeError):
            _drop_output()
        return OUTAGE
    except KeyboardInterrupt:
        print("error: interrupted; the same command goes on", file=sys.stderr, flush=True)
        return INTERRUPTED


def _drop_output():
    """Keeps Python from failing again, as it ends, on what could not be printed."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    # Started as a script, Python looks for packages beside this file, not in the folder above.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main())
