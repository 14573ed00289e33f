"""Trains pix2pix on a folder of paired A|B images: python estimator/train.py --data_path DIR."""

import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Runs one phase.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0, 2 for bad input (one line on stderr), 1 for a run that failed, 130 for one
        that was interrupted by Ctrl-C, 143 by SIGTERM.
    """
    prepare_tensorflow()
    from estimator.devices import choose_device
    from estimator.endings import exit_code_of
    from estimator.interruption import Interruption
    from estimator.options.presets import preset_line
    from estimator.options.train_options import parse_options
    from estimator.ranks import heartbeat
    from estimator.run.training import train
    from estimator.scores.test_phase import test

    interruption = Interruption()

    def run():
        options = parse_options(sys.argv[1:] if arguments is None else arguments)
        beat = heartbeat.Heartbeat(os.environ.get(heartbeat.VARIABLE))
        device = choose_device(options)
        device.prepare_process()
        print(device.description, flush=True)
        if options.preset:
            print(preset_line(options.preset, options), flush=True)
        if options.phase == "test":
            test(options, device)
        else:
            train(options, device, interruption, beat)

    return exit_code_of(run, "the same command resumes from the last checkpoint", interruption)


if __name__ == "__main__":
    sys.exit(main())
