"""Translating large pictures tile by tile, one file after the other."""

import contextlib
import dataclasses
import os
import sys
import warnings

from PIL import Image
from tqdm import tqdm

from estimator.endings import FAILED
from estimator.errors import OptionsError, RunError
from estimator.options.predict_flags import DROP, SHARED
from estimator.trained.input_pictures import prepare_bytes
from estimator.trained.joined_inputs import files_of
from estimator.trained.opening import open_predictor
from estimator.trained.picture_steps import read_content
from estimator.trained.single_pictures import check_plain, find_work, place_of
from estimator.trained.tiled_results import write_results
from estimator.trained.tiled_translation import TiledTranslation
from estimator.trained.tiled_work import TiledWork
from input_fn import (
    TILE,
    DataError,
    MissingPackageError,
    WholePicture,
    open_rows,
    remove_leftovers,
)

# What of the options a result depends on, besides its picture.
_KEY = ("checkpoint_dir", "graph", "saved_model", "step", "image_size", "test_dropout", "seed")
_KEY += ("ema_weights", "precision_mode", "overlap", "tile_statistics", "tile_sample")
_KEY += ("georeference",)
# Pixels that tiles overlap by where it is not asked for: the steps of docs/large.md are gone by
# then, and larger tiles would only be computed twice over a wider strip.
_MOST_BY_DEFAULT = 64


def predict_large_pictures(options):
    """Translates all pictures; one that cannot be read is named and the rest are done.

    What is done of a picture is kept on disk, so that the same command goes on if it was stopped.

    Args:
        options: From `parse_predict_options`, with `tile`.

    Returns:
        Exit code: 0, or 1 if a picture could not be read.

    Raises:
        OptionsError: The model cannot be used, or the output does not suit the input.
        DataError: There are no pictures, or one does not say where it lies, as it is asked to.
        RunError: The memory does not suffice.
    """
    check_plain(options)
    shares = options.tile_statistics == SHARED
    with open_predictor(options, options.batch_size, "stretch", shares) as predictor:
        options = _with_overlap(options, predictor.pair_format.fine_size)
        _check(options, predictor)
        known = predictor.pair_format
        pictures, targets = find_work(options, known, known.fine_size[0])
        if os.path.isdir(options.output):
            remove_leftovers(options.output)
        works, failed = [], 0
        for picture, target in zip(pictures, targets):
            try:
                works.append(_translate(options, predictor, picture, target))
            except DataError as error:
                failed += 1
                print(f"error: {_named(picture, error)}", file=sys.stderr, flush=True)
            except MemoryError:
                raise RunError(
                    f"{picture}: there is too little memory for it; save it as .npy or TIFF, which "
                    "are read by rows, or try a smaller --batch_size"
                ) from None
    for work in works:
        work.forget()
    print(f"{len(pictures) - failed} of {len(pictures)} pictures: {place_of(options, targets)}")
    return FAILED if failed else 0


def _with_overlap(options, size):
    """Gives options whose overlap is a number, also where it is not asked for."""
    if options.overlap is not None:
        return options
    return dataclasses.replace(options, overlap=min(min(size) // 4, _MOST_BY_DEFAULT))


def _check(options, predictor):
    """Refuses what the model does not do."""
    size = predictor.pair_format.fine_size
    if options.overlap > min(size) // 2:
        raise OptionsError(
            f"--overlap {options.overlap}: tiles of {size[0]}x{size[1]} pixels overlap by "
            f"{min(size) // 2} at most"
        )
    if options.tile_statistics != SHARED:
        return
    advice = "or use --tile_statistics=own, which leaves seams"
    if predictor.takes_statistics and predictor.batch_size == 1:
        raise OptionsError(
            "--tile: this model takes one tile at a time, and its norms would share the statistics "
            f"of several; use a larger --batch_size (of export.py 0, for any number), {advice}"
        )
    if predictor.note.has_norms and not predictor.takes_statistics and not options.checkpoint_dir:
        flag = "graph" if options.graph else "saved_model"
        raise OptionsError(
            f"--{flag} {getattr(options, flag)}: its norms take the statistics of each tile; use "
            "--checkpoint_dir, or export it by --formats=pb --statistics=input --batch_size=0, "
            f"{advice}"
        )


class _FileError(DataError):
    """A file cannot be read; the message names it."""


def _named(picture, error):
    """Says which file cannot be read, and what to do about it."""
    line = str(error)
    if not isinstance(error, _FileError):
        line = f"{files_of(picture)[0]}: {line}"
    # What is missing is said by the message.
    is_missing = isinstance(error.__cause__ or error, MissingPackageError)
    return line if is_missing else f"{line}; make it again or remove it"


def _translate(options, predictor, picture, target):
    """Translates a picture, or what of it is not done yet; returns the `TiledWork`.

    Raises:
        DataError: It cannot be read; nothing of it is left.
    """
    paths = files_of(picture)
    with contextlib.ExitStack() as opened:
        files = _open_all(paths, predictor, opened)
        translation = TiledTranslation(files, predictor, options.overlap, options.batch_size)
        work = TiledWork(target, _key(options, predictor, paths, translation.shape))
        if work.done is None:
            return work
        try:
            _fill(work, options, predictor, translation, os.path.basename(paths[0]))
        except DataError:
            work.forget()
            raise
        place = files[0].georeference
    tags = None if place is None else place.placed((1.0, 1.0), (0.0, 0.0))
    tags = [] if tags and options.georeference == DROP else tags
    write_results(
        target,
        lambda: map(predictor.finish, work.blocks(translation.shape, TILE)),
        (*translation.shape[:2], predictor.shown_channels),
        tags,
        predictor.pair_format.shown_bands is not None,
    )
    work.finish()
    return work


def _fill(work, options, predictor, translation, name):
    """Translates the rows that are not done yet."""
    statistics = None
    if options.tile_statistics == SHARED and predictor.takes_statistics:
        sample = predictor.batch_size or options.tile_sample
        statistics = work.statistics(lambda: translation.measure(sample))
    # None: no bar where the output is not a terminal.
    with tqdm(total=translation.tiles, desc=name, unit=" tiles", disable=None) as bar:
        for finished in translation.finished_rows(work.done, statistics, bar.update):
            work.append(finished)


def _open_all(paths, predictor, opened):
    """Opens a picture's files by rows, checked to be of the kinds that the network takes."""
    known = predictor.pair_format
    wanted = [(known, predictor.kinds)]
    if known.inputs:
        counts = known.channels_of_input_files
        wanted = [(known, kinds, count) for kinds, count in zip(predictor.kinds_of_inputs, counts)]
    files = []
    for path, kind in zip(paths, wanted):
        try:
            files.append(_open(path, kind))
            opened.callback(files[-1].close)
        except DataError as error:
            raise _FileError(f"{path}: {error}") from error
        size, first = files[-1].shape[:2], files[0].shape[:2]
        if size != first:
            raise _FileError(
                f"{path}: is {size[0]}x{size[1]} (height x width), but {paths[0]} is "
                f"{first[0]}x{first[1]}; all that are joined must have the same size"
            )
    return files


def _open(path, wanted):
    rows = open_rows(path)
    if rows is None:
        content = read_content(path)
        with warnings.catch_warnings():
            # Large pictures are what this is for; those beyond Pillow's limit are refused.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            content = prepare_bytes(content, *wanted)
        return WholePicture.of_file(content)
    prepare_bytes(rows.encode(rows.rows(0, 1)), *wanted)
    return rows


def _key(options, predictor, paths, shape):
    """Says all that a result depends on."""
    found = [(os.path.abspath(path), os.stat(path)) for path in paths]
    model = [options.graph, options.saved_model]
    return {
        **{name: getattr(options, name) for name in _KEY},
        "checkpoint": predictor.note.step,
        "model_times": [os.stat(path).st_mtime_ns for path in model if path is not None],
        "picture": [[path, stat.st_size, stat.st_mtime_ns] for path, stat in found],
        "shape": shape,
    }
