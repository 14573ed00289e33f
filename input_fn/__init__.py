"""From files to tensors: listing, checking, sharding, decoding, jitter, batches; synthetic data.

A data set is a folder with the subfolders train, val and test (the last two optional) of JPEG, PNG
or .npy files, each with picture A in its left half and picture B in its right half, or with A and B
in subfolders of their own. This package knows nothing of networks, devices or train.py's options:
what it needs, such as a rank, is passed in.
"""

from input_fn.checks.faults import check_pairs, find_undecodable
from input_fn.checks.memory import memory_folder
from input_fn.decoding import decode_picture
from input_fn.errors import DataError
from input_fn.listing import find_split, has_split, list_pairs, pair_names, shard
from input_fn.pair_format import (
    ALPHAS,
    DIRECTIONS,
    FOLDERS,
    RESIZES,
    SIDE_BY_SIDE,
    SINGLE,
    PairFormat,
)
from input_fn.pipeline import CACHE_MEMORY, CACHE_OFF, evaluation_dataset, training_dataset
from input_fn.synthetic.layout import COLOURS as FACADE_COLOURS
from input_fn.synthetic.pairs import make_pair, write_data_set, write_pairs

__all__ = [
    "ALPHAS",
    "CACHE_MEMORY",
    "CACHE_OFF",
    "DIRECTIONS",
    "FACADE_COLOURS",
    "FOLDERS",
    "RESIZES",
    "SIDE_BY_SIDE",
    "SINGLE",
    "DataError",
    "PairFormat",
    "check_pairs",
    "decode_picture",
    "evaluation_dataset",
    "find_split",
    "find_undecodable",
    "has_split",
    "list_pairs",
    "make_pair",
    "memory_folder",
    "pair_names",
    "shard",
    "training_dataset",
    "write_data_set",
    "write_pairs",
]
