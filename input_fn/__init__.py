"""From files to tensors: listing, checking, sharding, decoding, jitter, batches; synthetic data.

A data set is a folder with the subfolders train, val and test (the last two optional) of JPEG, PNG
or .npy files, each with picture A in its left half and picture B in its right half, or with A and B
in subfolders of their own. This package knows nothing of networks, devices or train.py's options:
what it needs, such as a rank, is passed in.
"""

from input_fn.arrays import decode_array
from input_fn.checks.facts import is_special
from input_fn.checks.faults import check_pairs
from input_fn.checks.memory import memory_folder
from input_fn.checks.survey import survey_pairs
from input_fn.checks.undecodable import find_undecodable
from input_fn.decoding import ARRAYS, JPEG, NPY, PNG, TIFF, can_be_picture
from input_fn.errors import DataError, is_utf8, outage_of, printable, reason_of
from input_fn.files import (
    leftovers,
    partial_path,
    remove_leftovers,
    remove_path,
    write_bytes,
    write_json,
    write_whole,
)
from input_fn.fitting import FITS, place_of_result, restored, unpadded
from input_fn.folders import Folders, with_neighbours
from input_fn.georeference import Georeference, georeference_of_file, read_georeference
from input_fn.listing import list_pairs
from input_fn.matching import match_all
from input_fn.memory_needed import lacking
from input_fn.orientation import EXIF_TAG, UPRIGHT
from input_fn.pair_choices import (
    ALPHAS,
    DIRECTIONS,
    FOLDERS,
    MASK,
    RESIZES,
    SIDE_BY_SIDE,
    SINGLE,
)
from input_fn.pair_format import PairFormat
from input_fn.pairs import Pairs
from input_fn.pipeline import (
    CACHE_MEMORY,
    CACHE_OFF,
    evaluation_dataset,
    stored_inputs,
    training_dataset,
)
from input_fn.placed_inputs import placed_inputs
from input_fn.png_rows import PngWriter
from input_fn.postprocessing import (
    PNG_CHANNELS,
    Presentation,
    blendable,
    encode_png,
    preview,
    settled,
    shown,
    stored_values,
    to_levels,
    to_unit,
)
from input_fn.preprocessing import input_of_file, input_of_files
from input_fn.row_readers import WholePicture, open_rows
from input_fn.splits import find_split, has_split
from input_fn.synthetic.layout import COLOURS as FACADE_COLOURS
from input_fn.synthetic.pairs import make_pair, write_data_set, write_pairs
from input_fn.tiff import (
    MissingPackageError,
    has_reader,
    is_tiff,
    read_bands,
    require_reader,
)
from input_fn.tiff_writing import TILE, encode_tiff, write_tiff
from input_fn.tiling import blending_weights, mirrored, tile_starts
from input_fn.units import UNSCALED, Band, as_ranges, in_units, is_name_of_bands
from input_fn.weights import WEIGHTS

__all__ = [
    "ALPHAS",
    "ARRAYS",
    "CACHE_MEMORY",
    "CACHE_OFF",
    "DIRECTIONS",
    "EXIF_TAG",
    "FACADE_COLOURS",
    "FITS",
    "FOLDERS",
    "JPEG",
    "MASK",
    "NPY",
    "PNG",
    "PNG_CHANNELS",
    "RESIZES",
    "SIDE_BY_SIDE",
    "SINGLE",
    "TIFF",
    "TILE",
    "UNSCALED",
    "UPRIGHT",
    "WEIGHTS",
    "Band",
    "DataError",
    "Folders",
    "Georeference",
    "MissingPackageError",
    "PairFormat",
    "Pairs",
    "PngWriter",
    "Presentation",
    "WholePicture",
    "as_ranges",
    "blendable",
    "blending_weights",
    "can_be_picture",
    "check_pairs",
    "decode_array",
    "encode_png",
    "encode_tiff",
    "evaluation_dataset",
    "find_split",
    "find_undecodable",
    "georeference_of_file",
    "has_reader",
    "has_split",
    "in_units",
    "input_of_file",
    "input_of_files",
    "is_name_of_bands",
    "is_special",
    "is_tiff",
    "is_utf8",
    "lacking",
    "leftovers",
    "list_pairs",
    "make_pair",
    "match_all",
    "memory_folder",
    "mirrored",
    "open_rows",
    "outage_of",
    "partial_path",
    "place_of_result",
    "placed_inputs",
    "preview",
    "printable",
    "read_bands",
    "read_georeference",
    "reason_of",
    "remove_leftovers",
    "remove_path",
    "require_reader",
    "restored",
    "settled",
    "shown",
    "stored_inputs",
    "stored_values",
    "survey_pairs",
    "tile_starts",
    "to_levels",
    "to_unit",
    "training_dataset",
    "unpadded",
    "with_neighbours",
    "write_bytes",
    "write_data_set",
    "write_json",
    "write_pairs",
    "write_tiff",
    "write_whole",
]
