"""Translating single pictures, each from its file to a file."""

import os
import sys

from tqdm import tqdm

from estimator.devices.prediction import keep_memory
from estimator.endings import FAILED
from estimator.errors import OptionsError
from estimator.options.predict_flags import STREAM
from estimator.trained.input_pictures import EXTENSIONS, find_pictures
from estimator.trained.joined_inputs import files_of, find_joined, named_patterns
from estimator.trained.opening import open_predictor
from estimator.trained.output_files import output_names
from estimator.trained.picture_line import translate_all
from estimator.trained.required_memory import fit_at_once, require_memory
from estimator.trained.required_place import require_georeference
from input_fn import PNG_CHANNELS, remove_leftovers

_MOST_THREADS = 4  # More than keep up with any network.


def predict_pictures(options):
    """Translates all pictures; one that cannot be read is named and the rest are done.

    Args:
        options: From `parse_predict_options`.

    Returns:
        Exit code: 0, or 1 if a picture could not be read.

    Raises:
        OptionsError: The model cannot be used, or the output does not suit the input.
        DataError: There are no pictures, or one does not say where it lies, as it is asked to.
        RunError: The memory does not suffice.
    """
    check_plain(options)
    keep_memory(options.device)
    with open_predictor(options, options.batch_size) as predictor:
        pictures, targets = find_work(options, predictor.pair_format)
        failed = _translate_all(options, predictor, pictures, targets)
    if options.output != STREAM:
        print(f"{len(pictures) - failed} of {len(pictures)} pictures: {place_of(options, targets)}")
    return FAILED if failed else 0


def check_plain(options):
    """Says what is wrong with a plain `--input` and `--output` before the model is loaded."""
    plain = named_patterns(options.input).get("")
    if plain is not None:
        choose_targets(options.output, _find_plain(plain))


def _find_plain(plain):
    return [STREAM] if plain == STREAM else find_pictures(plain)


def find_work(options, pair_format, rows=None):
    """Finds what is to be translated into what, and sees that it can be.

    Args:
        options: From `parse_predict_options`.
        pair_format: The network's `PairFormat`.
        rows: As of `require_memory`.

    Returns:
        The pictures, as of `_find_all`, and the paths of their results.

    Raises:
        OptionsError: They do not suit the network or the output.
        DataError: There are none, or what `require_georeference` or `require_memory` raise.
    """
    pictures = _find_all(options, pair_format)
    targets = choose_targets(options.output, pictures)
    require_georeference(options, pictures)
    require_memory([each for each in pictures if each != STREAM], rows)
    return pictures, targets


def _find_all(options, pair_format):
    """Finds the pictures that `--input` names.

    Args:
        options: From `parse_predict_options`.
        pair_format: The network's `PairFormat`.

    Returns:
        List of paths, or of tuples of them for a network that joins several; or of `STREAM`.

    Raises:
        OptionsError: They do not suit the network.
        DataError: There are none.
    """
    named = named_patterns(options.input)
    if pair_format.inputs:
        return find_joined(named, pair_format)
    if "" not in named:
        raise OptionsError(
            f"--input {options.input[0]}: this network takes one picture, and no such file is "
            "there; name a file, a folder or a pattern"
        )
    return _find_plain(named[""])


def _translate_all(options, predictor, pictures, targets):
    """Returns the number of pictures that could not be read."""
    if options.output == STREAM and predictor.shown_channels not in PNG_CHANNELS:
        raise OptionsError(
            f"--output -: what comes out has {predictor.shown_channels} channels, which no PNG "
            "file holds; name a folder, which gets .npy files as well"
        )
    if os.path.isdir(options.output):
        remove_leftovers(options.output)
    failed = []
    with tqdm(total=len(pictures), unit="img", disable=len(pictures) < 2 or None) as bar:

        def complain(line):
            failed.append(line)
            bar.write(line, file=sys.stderr)  # Beside the bar, not through it.
            bar.update()

        def done(target):
            del target
            bar.update()

        work, threads = list(zip(pictures, targets)), threads_beside(pictures)
        translate_all(work, predictor, options, complain, done, threads)
    return len(failed)


def threads_beside(pictures):
    """Says how many threads read and write beside the computation, 0 for none."""
    if len(pictures) == 1:
        # Of a pipe, whose reading would keep a thread, and the program, from ending.
        return 0
    threads = min(len(os.sched_getaffinity(0)), _MOST_THREADS)
    return threads if fit_at_once(pictures, threads) else 0


def choose_targets(output, pictures):
    """Chooses where each result goes.

    Args:
        output: As of predict.py.
        pictures: List of paths, or of `STREAM`.

    Returns:
        List of paths that end in .png, or of `STREAM`.

    Raises:
        OptionsError: The output does not suit the pictures, or would overwrite one.
    """
    if output == STREAM or output.lower().endswith(".png"):
        if len(pictures) > 1:
            raise OptionsError(
                f"--output {output}: takes one picture, --input has {len(pictures)}; name a folder"
            )
        targets = [output]
    else:
        if os.path.exists(output) and not os.path.isdir(output):
            raise OptionsError(f"--output {output}: is a file; name a folder or a .png file")
        if output.lower().endswith(EXTENSIONS) and not os.path.isdir(output):
            raise OptionsError(
                f"--output {output}: results are PNG files; name a .png file or a folder"
            )
        first = [files_of(picture)[0] for picture in pictures]
        names = ["stdin.png"] if pictures == [STREAM] else output_names(first)
        targets = [os.path.join(output, name) for name in names]
    _require_apart(output, targets, pictures)
    return targets


def _require_apart(output, targets, pictures):
    """Refuses to write what would overwrite a picture that is to be read."""
    own = {
        os.path.realpath(file)
        for picture in pictures
        for file in files_of(picture)
        if file != STREAM
    }
    for target in targets:
        if target == STREAM:
            continue
        # What no PNG file holds goes beside it.
        for written in (target, *(os.path.splitext(target)[0] + end for end in (".npy", ".tif"))):
            if os.path.realpath(written) in own:
                raise OptionsError(
                    f"--output {output}: {written} is one of the pictures of --input and would be "
                    "overwritten; name another folder"
                )


def place_of(options, targets):
    """Says where the results are: the path of the only one, or of the folder."""
    return os.path.abspath(targets[0] if options.output == targets[0] else options.output)
