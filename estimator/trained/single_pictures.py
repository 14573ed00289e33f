"""Translating single pictures, one file after the other."""

import os
import sys

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from estimator.devices.npu.prediction import prediction_config
from estimator.endings import FAILED
from estimator.errors import OptionsError
from estimator.options.predict_flags import FITS_BY_FLAG
from estimator.trained import sources
from estimator.trained.input_pictures import EXTENSIONS, find_pictures, prepare_bytes
from estimator.trained.output_files import encode_png, output_names, write_picture
from estimator.trained.run_options import trained_options
from input_fn import PNG_CHANNELS, DataError, is_special, remove_leftovers

STREAM = "-"


def predict_pictures(options):
    """Translates all pictures; one that cannot be read is named and the rest are done.

    Args:
        options: From `parse_predict_options`.

    Returns:
        Exit code: 0, or 1 if a picture could not be read.

    Raises:
        OptionsError: The model cannot be used, or the output does not suit the input.
        DataError: There are no pictures.
        RunError: The memory does not suffice.
    """
    pictures = [STREAM] if options.input == STREAM else find_pictures(options.input)
    targets = _targets(options.output, pictures)
    with _load_predictor(options) as predictor:
        failed = _translate_all(options, predictor, pictures, targets)
    if options.output != STREAM:
        print(f"{len(pictures) - failed} of {len(pictures)} pictures: {_place(options, targets)}")
    return FAILED if failed else 0


def _translate_all(options, predictor, pictures, targets):
    """Returns the number of pictures that could not be read."""
    if options.output == STREAM and predictor.shown_channels not in PNG_CHANNELS:
        raise OptionsError(
            f"--output -: what comes out has {predictor.shown_channels} channels, which no PNG "
            "file holds; name a folder, which gets .npy files as well"
        )
    if os.path.isdir(options.output):
        remove_leftovers(options.output)
    failed = 0
    with tqdm(total=len(pictures), unit="img", disable=len(pictures) < 2 or None) as bar:
        for start in range(0, len(pictures), options.batch_size):
            part = slice(start, start + options.batch_size)
            read = list(_read(pictures[part], targets[part], predictor, bar))
            failed += len(pictures[part]) - len(read)
            _translate(read, predictor, options.keep_size)
            bar.update(len(pictures[part]))
    return failed


def _targets(output, pictures):
    """Chooses where each result goes."""
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
        names = ["stdin.png"] if pictures == [STREAM] else output_names(pictures)
        targets = [os.path.join(output, name) for name in names]
    _require_apart(output, targets, pictures)
    return targets


def _require_apart(output, targets, pictures):
    """Refuses to write what would overwrite a picture that is to be read."""
    own = {os.path.realpath(picture) for picture in pictures if picture != STREAM}
    for target in targets:
        if target == STREAM:
            continue
        # What no PNG file holds goes beside it.
        for written in (target, os.path.splitext(target)[0] + ".npy"):
            if os.path.realpath(written) in own:
                raise OptionsError(
                    f"--output {output}: {written} is one of the pictures of --input and would be "
                    "overwritten; name another folder"
                )


def _load_predictor(options):
    on_npu = options.device == "npu"
    if on_npu and options.graph is not None and sources.is_onnx(options.graph):
        raise OptionsError(
            f"--device npu: --graph {options.graph} is computed by ONNX Runtime on the CPU; use "
            "--checkpoint_dir or a frozen graph, or convert it by atc"
        )
    config = prediction_config() if on_npu else _host_config(options)
    fit = FITS_BY_FLAG[options.fit]
    if options.checkpoint_dir is not None:
        trained = trained_options(options)
        batch_size = options.batch_size if on_npu else None
        return sources.from_checkpoint(trained, config, fit, batch_size)
    if options.graph is not None:
        predictor = sources.from_graph(options.graph, config, fit)
    else:
        predictor = sources.from_saved_model(options.saved_model, config, fit)
    if on_npu and predictor.batch_size is None:
        raise OptionsError(
            "--device npu: this model takes any number of pictures at a time, and what an NPU "
            "computes has a fixed shape; use --checkpoint_dir, or a --graph of export.py with "
            "--batch_size=1"
        )
    return predictor


def _host_config(options):
    config = tf.ConfigProto(device_count={"GPU": 0} if options.device == "cpu" else {})
    config.gpu_options.allow_growth = True
    return config


def _read(pictures, targets, predictor, bar):
    """Yields (`Prepared`, target) of the files that can be read, and names the others."""
    for picture, target in zip(pictures, targets):
        try:
            content = prepare_bytes(_content(picture), predictor.pair_format, predictor.kinds)
            yield predictor.prepare(content), target
        except DataError as error:
            name = "standard input" if picture == STREAM else picture
            # Beside the bar, not through it.
            bar.write(f"error: {name}: {error}; make it again or remove it", file=sys.stderr)


def _content(picture):
    if picture == STREAM:
        return sys.stdin.buffer.read()
    try:
        if is_special(picture):
            raise DataError("is a pipe or a device, not a file")
        with open(picture, "rb") as file:
            return file.read()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})") from None


def _translate(read, predictor, keep_size):
    if not read:
        return
    outputs = predictor.translate(np.stack([prepared.x for prepared, _ in read]))
    for (prepared, target), output in zip(read, outputs):
        levels, values = predictor.present(prepared, output, keep_size)
        if target == STREAM:
            sys.stdout.buffer.write(encode_png(levels))
            sys.stdout.buffer.flush()
        else:
            write_picture(target, levels, values)


def _place(options, targets):
    return os.path.abspath(targets[0] if options.output == targets[0] else options.output)
