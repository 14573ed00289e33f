"""From files to tensors: listing, checking, sharding, decoding, jitter, batches; synthetic data.

A data set is a folder with the subfolders train, val and test (the last two optional) of JPEG or
PNG files, each with picture A in its left half and picture B in its right half. This package knows
nothing of networks, flags or devices: what it needs, such as a rank, is passed in.
"""

from input_fn.checking import check_pairs, find_undecodable
from input_fn.errors import DataError
from input_fn.facade_layout import COLOURS as FACADE_COLOURS
from input_fn.listing import find_split, has_split, list_pairs, shard
from input_fn.pipeline import evaluation_dataset, training_dataset
from input_fn.synthetic import make_pair, write_data_set, write_pairs
from input_fn.transforms import DIRECTIONS, PairFormat, decode_picture

__all__ = [
    "DIRECTIONS",
    "FACADE_COLOURS",
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
    "shard",
    "training_dataset",
    "write_data_set",
    "write_pairs",
]
