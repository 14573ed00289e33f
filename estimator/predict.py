"""Translates single pictures: python estimator/predict.py --input FILE --output DIR ..."""

import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Translates the pictures that `--input` names, or that arrive where `--watch` says.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0; 1 if a picture among others could not be read (all others are done) or memory
        does not suffice; 2 for bad input (one line on stderr); 130 if interrupted, which is how
        `--watch` ends, with 0.
    """
    prepare_tensorflow()
    from estimator.endings import exit_code_of
    from estimator.interruption import Interruption
    from estimator.options.predict_flags import parse_predict_options
    from estimator.trained.single_pictures import predict_pictures
    from estimator.trained.tiled_pictures import predict_large_pictures
    from estimator.trained.watching import watch_pictures

    interruption = Interruption()

    def run():
        options = parse_predict_options(sys.argv[1:] if arguments is None else arguments)
        if options.watch is not None:
            return watch_pictures(options, interruption)
        if options.tile:
            return predict_large_pictures(options)
        return predict_pictures(options)

    return exit_code_of(run, "the pictures that are written are whole", interruption)


if __name__ == "__main__":
    sys.exit(main())
