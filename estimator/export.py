"""Exports a trained network: python estimator/export.py --checkpoint_dir DIR."""

import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Writes a frozen graph, a SavedModel, a TFLite file and an ONNX file, those asked for.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0, 1 if an export does not compute what the checkpoint does, 2 for bad input
        (one line on stderr), 130 if interrupted.
    """
    prepare_tensorflow()
    from estimator.endings import exit_code_of
    from estimator.exports.whole_export import export_all
    from estimator.options.export_flags import parse_export_options

    def run():
        export_all(parse_export_options(sys.argv[1:] if arguments is None else arguments))

    return exit_code_of(run, "what was exported before is as it was")


if __name__ == "__main__":
    sys.exit(main())
