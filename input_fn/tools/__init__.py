"""The commands of prepare.py, one file for each family."""

from input_fn.tools import fetching, making, packing, pairing, pictures, reporting

COMMANDS = (
    pairing.add_pair,
    pairing.add_split,
    pictures.add_resize,
    pictures.add_edges,
    pictures.add_grey,
    pictures.add_blank,
    fetching.add_fetch,
    making.add_synth,
    reporting.add_check,
    packing.add_pack,
)
