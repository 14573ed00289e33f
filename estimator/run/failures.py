"""TensorFlow's errors in the middle of a run, said in the user's terms."""

import contextlib
import re

import tensorflow.compat.v1 as tf

from estimator.errors import MachineError, RunError
from input_fn import DataError, find_undecodable, outage_of

# What an error of the input pipeline names: the node that a step takes its batch from.
_FROM_PIPELINE = re.compile("IteratorGetNext|IteratorV2|OptionalGetValue|GetNextFromShard")


@contextlib.contextmanager
def explained(sets_of_pairs, pair_format):
    """Turns TensorFlow's errors within a `with` block into one line, where the cause is known.

    Args:
        sets_of_pairs: List of the `Pairs` that are read within.
        pair_format: Their `PairFormat`.

    Raises:
        DataError: A file cannot be read or decoded (any more); names it.
        MachineError: The disk is full, or the connection to another rank broke.
        RunError: The device's memory is exhausted.
        tf.errors.OpError: Any other, as it is.
    """
    try:
        yield
    except tf.errors.OpError as error:
        first_line = (error.message or type(error).__name__).splitlines()[0]
        outage = outage_of(error)
        if outage is not None:
            raise MachineError(f"{outage} ({first_line})") from error
        if isinstance(error, tf.errors.ResourceExhaustedError):
            raise RunError(
                f"out of memory ({first_line}); "
                "try a smaller --batch_size, --fine_size, --ngf or --ndf"
            ) from error
        if _is_of_pipeline(error):
            _name_bad_file(sets_of_pairs, pair_format, error)
        raise


def _is_of_pipeline(error):
    """Whether a batch could not be made, rather than computed with or saved."""
    operation = "" if error.op is None else error.op.type
    return bool(_FROM_PIPELINE.search(operation) or _FROM_PIPELINE.search(error.message))


def _name_bad_file(sets_of_pairs, pair_format, error):
    # TensorFlow does not say which file it was, so they are tried one by one.
    for pairs in sets_of_pairs:
        bad = find_undecodable(pairs, pair_format)
        if bad is not None:
            path, reason = bad
            line = f"{path}: cannot be decoded ({reason}); replace or remove it"
            raise DataError(line) from error
