"""The steps from a picture's file to the file of its translation."""

import sys

from estimator.options.predict_flags import DROP, STREAM
from estimator.trained.input_pictures import prepare_bytes
from estimator.trained.joined_inputs import files_of
from estimator.trained.output_files import encode_png, write_picture
from input_fn import DataError, MissingPackageError, is_special


def read_picture(picture, predictor):
    """Reads a picture's file, or files.

    Args:
        picture: Path, `STREAM` for the standard input; or a tuple of those that are joined to one
            input.
        predictor: `Predictor`.

    Returns:
        `Prepared`.

    Raises:
        DataError: It cannot be read; the message names the file and says what to do about it.
    """
    files = files_of(picture)
    file = files[0]
    try:
        if not isinstance(picture, tuple):
            known = predictor.pair_format, predictor.kinds
            return predictor.prepare(prepare_bytes(read_content(file), *known))
        contents, counts = [], predictor.pair_format.channels_of_input_files
        for file, count, kinds in zip(files, counts, predictor.kinds_of_inputs):
            known = predictor.pair_format, kinds, count
            contents.append(prepare_bytes(read_content(file), *known))
        file = files[0]
        return predictor.prepare_joined(contents)
    except DataError as error:
        name = "standard input" if file == STREAM else file
        known = isinstance(error, MissingPackageError)  # Which says what to install.
        advice = "" if known else "; make it again or remove it"
        raise DataError(f"{name}: {error}{advice}") from None


def write_result(prepared, output, target, predictor, options):
    """Writes the file, or files, of a translation.

    Args:
        prepared: What the network was given, `Prepared`.
        output: float32 [height, width, output channels] in [-1, 1], what it made of it.
        target: Path that ends in .png; `STREAM` for the standard output.
        predictor: `Predictor`.
        options: From `parse_predict_options`: whether results get the sizes of their pictures, and
            their place.

    Raises:
        OSError: A file cannot be written.
    """
    levels, values = predictor.present(prepared, output, options.keep_size)
    if target == STREAM:
        sys.stdout.buffer.write(encode_png(levels))
        sys.stdout.buffer.flush()
        return
    tags = predictor.tiff_tags(prepared, options.keep_size)
    tags = [] if tags and options.georeference == DROP else tags
    in_units = predictor.pair_format.shown_bands is not None
    write_picture(target, levels, values, tags, in_units)


def read_content(picture):
    """Reads a file's bytes, or those of the standard input.

    Raises:
        DataError: It cannot be read; the message does not name the file.
    """
    if picture == STREAM:
        return sys.stdin.buffer.read()
    try:
        if is_special(picture):
            raise DataError("is a pipe or a device, not a file")
        with open(picture, "rb") as file:
            return file.read()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})") from None
