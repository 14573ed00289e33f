"""Compares recipes by the pictures that they make: python test/bench/quality.py --data_path DIR.

Trains each recipe with several seeds, a process of train.py each, makes pictures of val/ at fixed
steps and scores them. Everything goes into one folder: results.md and results.json, curves.png and
curves.json, rows.png. The same command goes on where it was stopped. docs/results.md says what each
figure means.

Exit code: 0, 1 if a training failed, 2 for bad input, 130 for Ctrl-C, 143 for SIGTERM.
"""

import pathlib
import sys

# Started as a script, Python looks for packages beside this file, not in the project's folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Trains, scores and reports.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code.
    """
    prepare_tensorflow()
    from estimator.endings import BAD_INPUT, exit_code_of

    try:
        from quality.whole_bench import run
    except ImportError as error:
        print(f"error: {error}; pip install '.[test]' brings what the bench needs", file=sys.stderr)
        return BAD_INPUT
    return exit_code_of(lambda: run(arguments), "the same command goes on where it was stopped")


if __name__ == "__main__":
    sys.exit(main())
