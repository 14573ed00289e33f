"""How the command lines behave: errors of one line, and the name that was typed."""

import argparse
import os
import sys

from estimator.errors import OptionsError

_COMMANDS = "pix2pix-"  # What the names of all installed commands begin with.


class OneLineParser(argparse.ArgumentParser):
    """Raises `OptionsError` where argparse would print the usage and exit."""

    def error(self, message):
        """Raises what argparse found, with a hint at the help."""
        raise OptionsError(f"{message} (--help lists the flags)")


def name_as_started(script):
    """Says what the user typed: the installed command, if it was that, or else the script."""
    started = os.path.basename(sys.argv[0])
    return started if started.startswith(_COMMANDS) else script
