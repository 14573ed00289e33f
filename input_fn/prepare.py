"""Prepares and checks data sets: python input_fn/prepare.py COMMAND ...; --help lists them."""

import argparse
import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What TensorFlow's C++ side logs is not for the user of a tool.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

BAD_INPUT = 2
INTERRUPTED = 130


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message):
        print(f"error: {message} (--help lists the flags)", file=sys.stderr)
        sys.exit(BAD_INPUT)


def main(arguments=None):
    """Runs one command.

    Args:
        arguments: Command and flags; None for those of the command line.

    Returns:
        Exit code: 0; 1 if something was skipped or a check found faults; 2 for bad input (one line
        on stderr); 130 if interrupted.
    """
    import warnings

    # TensorFlow 1.15 was written for an older NumPy and says so a dozen times.
    warnings.simplefilter("ignore", FutureWarning)
    from input_fn.errors import DataError
    from input_fn.tools import COMMANDS

    parser = _OneLineParser(prog="prepare.py", description="Prepares and checks data sets.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add_command in COMMANDS:
        add_command(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (DataError, OSError) as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("error: interrupted; the same command goes on", file=sys.stderr, flush=True)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
