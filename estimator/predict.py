"""Translates single pictures: python estimator/predict.py --input FILE --output DIR ..."""

import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Translates the pictures that `--input` names.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0; 1 if a picture among others could not be read (all others are done) or memory
        does not suffice; 2 for bad input (one line on stderr); 130 if interrupted.
    """
    prepare_tensorflow()
    from estimator.endings import exit_code_of
    from estimator.options.predict_flags import parse_predict_options
    from estimator.trained.single_pictures import predict_pictures

    def run():
        options = parse_predict_options(sys.argv[1:] if arguments is None else arguments)
        return predict_pictures(options)

    return exit_code_of(run, "the pictures that are written are whole")


if __name__ == "__main__":
    sys.exit(main())
