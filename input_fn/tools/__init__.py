"""The commands of prepare.py, each in a file of its name, and what they share."""

from input_fn.tools import blank, check, edges, fetch, grey, pack, pair, resize, split, synth

COMMANDS = (pair, split, resize, edges, grey, blank, fetch, synth, check, pack)
