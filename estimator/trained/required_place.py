"""What `--georeference=require` asks of the inputs, before anything is written."""

import os

from estimator.options.predict_flags import REQUIRE
from estimator.trained.joined_inputs import files_of
from input_fn import DataError, georeference_of_file, reason_of

_ADVICE = "add it, or use --georeference=keep"


def require_georeference(options, pictures):
    """Refuses pictures that do not say where they lie, if the options ask for that.

    Args:
        options: From `parse_predict_options`.
        pictures: List of paths, or of tuples of those that are joined; the place of a result is
            that of the first.

    Raises:
        DataError: One says no place, or cannot be read; the message names the first.
    """
    if options.georeference != REQUIRE:
        return
    files = [files_of(picture)[0] for picture in pictures]
    faults = list(filter(None, map(_fault, files)))
    if faults:
        more = f" ({len(faults) - 1} more of the {len(files)} have none)" if faults[1:] else ""
        raise DataError(f"{faults[0]}{more}; {_ADVICE}")


def _fault(path):
    """Says what is wrong with a file; None if it says where it lies."""
    if not os.path.isfile(path):
        return f"{path}: has no georeference, as it is no file"  # Opening a pipe would wait.
    try:
        found = georeference_of_file(path)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except Exception as error:  # tifffile raises all kinds on bytes it does not expect.
        return f"{path}: has no georeference that can be read ({reason_of(error)})"
    if found is None:
        return f"{path}: has no georeference, as it is no TIFF file"
    return None if found.is_placed else f"{path}: has no georeference"
