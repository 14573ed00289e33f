"""How the command lines behave: help that tells defaults, errors of one line."""

import argparse

from estimator.errors import OptionsError


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Tells defaults, where there are any."""

    def _get_help_string(self, action):
        return action.help if action.default is None else super()._get_help_string(action)


class OneLineParser(argparse.ArgumentParser):
    """Raises `OptionsError` where argparse would print the usage and exit."""

    def error(self, message):
        """Raises what argparse found, with a hint at the help."""
        raise OptionsError(f"{message} (--help lists the flags)")
