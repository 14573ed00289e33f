"""The commands of prepare.py, each in a file of its name, and what they share."""

from input_fn.tools import (
    blank,
    check,
    edges,
    fetch,
    grey,
    join,
    pack,
    pair,
    resize,
    slices,
    split,
    synth,
    tiles,
)

COMMANDS = (pair, split, resize, edges, grey, blank, fetch, synth, check, pack, tiles, slices, join)
