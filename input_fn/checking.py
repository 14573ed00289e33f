"""Finds the files that would stop a training run, before it starts or after it has stopped."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf
from PIL import Image, UnidentifiedImageError

from input_fn.errors import DataError
from input_fn.transforms import decode_picture

# Pillow's names of what the decoder reads. MPO is what Pillow calls the JPEG files of cameras that
# append further pictures; a JPEG decoder reads the first.
_KINDS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG"}
_KIND_OF_EXTENSION = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
_EXTENSION_OF_KIND = {"JPEG": ".jpg", "PNG": ".png"}

# How a whole file ends: JPEG by the end-of-image marker (ITU-T T.81, B.2.1), which cannot occur
# within the coded picture; PNG by the chunk IEND, which is empty and so always the same bytes.
_ENDINGS = {"JPEG": b"\xff\xd9", "PNG": b"\0\0\0\0IEND\xaeB`\x82"}

_THREADS = 8


def check_pairs(paths: Sequence[str], half_aspect: Optional[float] = None) -> None:
    """Checks that files are whole JPEG or PNG pictures that split in two halves.

    Only headers and ends of files are read, so ten thousand files take seconds; a file that does
    not end as it should, which is rare, is decoded to see.

    Args:
        paths: Local files.
        half_aspect: Width divided by height of the pictures that the network takes. A file that
            has this shape as a whole (within 2 %) is taken for a single picture. None leaves this
            out.

    Raises:
        DataError: Some file is bad: names the first in the order of `paths`, and how many more.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        faults = pool.map(lambda path: _fault_of(path, half_aspect), paths)
        bad = [f"{path}: {fault}" for path, fault in zip(paths, faults) if fault]
    if bad:
        more = f" ({len(bad) - 1} more of the {len(paths)} files are bad)" if bad[1:] else ""
        raise DataError(bad[0] + more)


def find_undecodable(
    paths: Sequence[str], decode: Callable = decode_picture
) -> Optional[Tuple[str, str]]:
    """Finds the file that TensorFlow failed on, since its own error does not name it.

    Every file up to the first bad one is read and decoded, so this is for use after an error.

    Args:
        paths: The files.
        decode: From a scalar string tensor, a file's bytes, to the picture; the pipeline's own
            decoder by default.

    Returns:
        The path and TensorFlow's reason in one line; None if all files can be decoded.
    """
    if not paths:
        return None
    with tf.Graph().as_default(), tf.device("/cpu:0"):
        dataset = tf.data.Dataset.from_tensor_slices(tf.constant(paths, tf.string))
        dataset = dataset.map(
            # Reduced to a number, so that no picture has to be kept or copied.
            lambda path: tf.size(decode(tf.io.read_file(path))),
            num_parallel_calls=tf.data.experimental.AUTOTUNE,
        )
        following = tf.data.make_one_shot_iterator(dataset).get_next()
        # A training session may hold the memory of all GPUs.
        with tf.Session(config=tf.ConfigProto(device_count={"GPU": 0})) as session:
            # A callable's errors are not wrapped in a report on the graph, as those of `run` are.
            advance = session.make_callable(following.op)
            for path in paths:
                try:
                    advance()
                except tf.errors.OpError as error:
                    # The first line, less the name that TensorFlow 1.15 gave the function.
                    return path, re.sub(r"^{{.*?}} *", "", error.message).strip().splitlines()[0]
    return None


def _fault_of(path, half_aspect):
    """Returns what is wrong with a file and what to do about it, or None."""
    try:
        if os.path.getsize(path) == 0:
            return "is empty; make it again or remove it"
        with Image.open(path) as picture:
            found, (width, height) = picture.format, picture.size
    except UnidentifiedImageError:
        return "is not a picture; make it again or remove it"
    except Exception as error:  # Pillow's readers raise all kinds on bytes they do not expect.
        return f"cannot be read as a picture ({_reason(error)}); make it again or remove it"
    kind = _KINDS.get(found)
    if kind is None:
        return f"holds a {found} picture; save it as JPEG or PNG"
    if _KIND_OF_EXTENSION.get(os.path.splitext(path)[1].lower()) != kind:
        return f"holds a {kind} picture; rename it to {_EXTENSION_OF_KIND[kind]}"
    if width % 2:
        return (
            f"is {width}x{height} pixels (width x height); an odd width does not split in two "
            "equal halves, A and B; make it an even number"
        )
    if half_aspect is not None and abs(width / height / half_aspect - 1) <= 0.02:
        return (
            f"is {width}x{height} pixels (width x height), the shape of a single picture; "
            "A and B must stand side by side in one file twice as wide"
        )
    return _truncation_of(path, kind)


def _truncation_of(path, kind):
    ending = _ENDINGS[kind]
    with open(path, "rb") as file:
        file.seek(-len(ending), os.SEEK_END)
        if file.read() == ending:
            return None
    # Truncated, or whole with something appended to it. Pillow refuses a picture that ends early
    # unless ImageFile.LOAD_TRUNCATED_IMAGES is set, which it is not by default.
    try:
        with Image.open(path) as picture:
            picture.load()
    except Exception as error:
        return f"is incomplete or damaged ({_reason(error)}); copy or make it again"
    return None


def _reason(error):
    return str(error).splitlines()[0] if str(error) else type(error).__name__
