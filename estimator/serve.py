"""Translates pictures by HTTP: python estimator/serve.py --checkpoint_dir DIR."""

import os
import sys

# Started as a script, Python looks for packages beside this file, not in the folder above.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from estimator.runtime import prepare_tensorflow


def main(arguments=None):
    """Serves one model until Ctrl-C or SIGTERM.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code: 0 once it has been asked to end and has answered what had come in; 2 for bad
        input or a port in use (one line on stderr); 1 if memory does not suffice; 130 or 143 for a
        signal before it had begun to serve.
    """
    prepare_tensorflow()
    from estimator.endings import exit_code_of
    from estimator.extras import import_extra
    from estimator.interruption import Interruption
    from estimator.options.serve_flags import parse_serve_options

    interruption = Interruption()

    def run():
        options = parse_serve_options(sys.argv[1:] if arguments is None else arguments)
        import_extra("aiohttp", "serve", "serve.py")
        from estimator.serving.server import serve

        serve(options, interruption)

    return exit_code_of(run, "nothing had been served", interruption)


if __name__ == "__main__":
    sys.exit(main())
