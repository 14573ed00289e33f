"""The command lines: every flag declared once, and what the rooms take of them."""

from estimator.options.export_flags import FORMATS, ExportOptions, parse_export_options
from estimator.options.flag_types import size_text
from estimator.options.import_flags import ImportOptions, parse_import_options
from estimator.options.predict_flags import FITS_BY_FLAG, PredictOptions, parse_predict_options
from estimator.options.serve_flags import ServeOptions, parse_serve_options
from estimator.options.train_options import (
    DATA_FIELDS,
    NETWORK_FIELDS,
    PREDICTION_FIELDS,
    Options,
    default_of,
    field_names,
    parse_options,
)

__all__ = [
    "DATA_FIELDS",
    "FITS_BY_FLAG",
    "FORMATS",
    "NETWORK_FIELDS",
    "PREDICTION_FIELDS",
    "ExportOptions",
    "ImportOptions",
    "Options",
    "PredictOptions",
    "ServeOptions",
    "default_of",
    "field_names",
    "parse_export_options",
    "parse_import_options",
    "parse_options",
    "parse_predict_options",
    "parse_serve_options",
    "size_text",
]
