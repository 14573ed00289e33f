"""How the command lines behave: help that tells defaults, errors of one line."""

import argparse
import os
import sys

from estimator.errors import OptionsError

_COMMANDS = "pix2pix-"  # What the names of all installed commands begin with.


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Tells defaults, where there are any."""

    def _get_help_string(self, action):
        return action.help if action.default is None else super()._get_help_string(action)


class OneLineParser(argparse.ArgumentParser):
    """Raises `OptionsError` where argparse would print the usage and exit."""

    def error(self, message):
        """Raises what argparse found, with a hint at the help."""
        raise OptionsError(f"{message} (--help lists the flags)")


def name_as_started(script):
    """Says what the user typed: the installed command, if it was that, or else the script."""
    started = os.path.basename(sys.argv[0])
    return started if started.startswith(_COMMANDS) else script
