"""Takes the generator of another program: python estimator/import_model.py --from FILE ..."""

import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Makes a run's folder of the model that `--from` names.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0, 2 for bad input (one line on stderr), 130 if interrupted.
    """
    prepare_tensorflow()
    from estimator.endings import exit_code_of
    from estimator.imports.whole_import import import_model
    from estimator.options.import_flags import parse_import_options

    def run():
        import_model(parse_import_options(sys.argv[1:] if arguments is None else arguments))

    return exit_code_of(run, "no run was made")


if __name__ == "__main__":
    sys.exit(main())
