"""Pictures that are larger than the memory, named before anything is written."""

from estimator.trained.joined_inputs import files_of
from input_fn import DataError, lacking

_BY_ROWS = "save it as a TIFF file of small tiles or strips, or cut it up"
_AS_A_WHOLE = "use --tile, which reads .npy and TIFF files by rows and keeps their size"


def require_memory(pictures, rows=None):
    """Refuses pictures for which there is too little memory.

    Args:
        pictures: List of paths, or of tuples of those that are joined.
        rows: How many rows are read at a time; None for pictures as a whole.

    Raises:
        DataError: There is such a picture; the message names the first.
    """
    for picture in pictures:
        files = files_of(picture)
        lack = lacking(files, rows)
        if lack is not None:
            advice = _AS_A_WHOLE if rows is None else _BY_ROWS
            raise DataError(f"{files[0]}: {lack}; {advice}")


def fit_at_once(pictures, number):
    """Says whether there is memory for so many of the pictures, whichever they are, at once."""
    return not any(lacking(number * list(files_of(picture))) for picture in pictures)
