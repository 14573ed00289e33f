"""The steps from picture files to files of their translations, for some pictures at a time."""

import sys

import numpy as np

from estimator.options.predict_flags import DROP, STREAM
from estimator.trained.input_pictures import prepare_bytes
from estimator.trained.joined_inputs import files_of
from estimator.trained.output_files import encode_png, write_picture
from input_fn import DataError, MissingPackageError, is_special


def read_pictures(pictures, targets, predictor, complain):
    """Reads the files that can be read.

    Args:
        pictures: List of paths, `STREAM` for the standard input; or of tuples of those that are
            joined to one input.
        targets: Where the result of each goes.
        predictor: `Predictor`.
        complain: Function that is told of each file that cannot be read, in one line.

    Returns:
        List of (`Prepared`, target).
    """
    read = []
    for picture, target in zip(pictures, targets):
        files = files_of(picture)
        file = files[0]
        try:
            if not isinstance(picture, tuple):
                known = predictor.pair_format, predictor.kinds
                prepared = predictor.prepare(prepare_bytes(read_content(file), *known))
            else:
                contents, counts = [], predictor.pair_format.channels_of_input_files
                for file, count, kinds in zip(files, counts, predictor.kinds_of_inputs):
                    known = predictor.pair_format, kinds, count
                    contents.append(prepare_bytes(read_content(file), *known))
                file = files[0]
                prepared = predictor.prepare_joined(contents)
            read.append((prepared, target))
        except DataError as error:
            name = "standard input" if file == STREAM else file
            advice = "make it again or remove it"
            known = isinstance(error, MissingPackageError)  # Which says what to install.
            complain(f"error: {name}: {error}" + ("" if known else f"; {advice}"))
    return read


def translate_pictures(read, predictor, options):
    """Translates what was read, at once, and writes the results.

    Args:
        read: From `read_pictures`.
        predictor: `Predictor`.
        options: From `parse_predict_options`: whether results get the sizes of their pictures, and
            their place.

    Raises:
        RunError: The memory does not suffice.
        OSError: A file cannot be written.
    """
    if not read:
        return
    outputs = predictor.translate(np.stack([prepared.x for prepared, _ in read]))
    for (prepared, target), output in zip(read, outputs):
        levels, values = predictor.present(prepared, output, options.keep_size)
        if target == STREAM:
            sys.stdout.buffer.write(encode_png(levels))
            sys.stdout.buffer.flush()
        else:
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
