"""TensorFlow's errors in the middle of a run, said in the user's terms."""

import contextlib

import tensorflow.compat.v1 as tf

from estimator.errors import RunError
from input_fn import DataError, find_undecodable


@contextlib.contextmanager
def explained(pairs, pair_format):
    """Turns TensorFlow's errors within a `with` block into one line, where the cause is known.

    Args:
        pairs: The pairs that are read within, from `list_pairs`.
        pair_format: Their `PairFormat`.

    Raises:
        DataError: A file cannot be read or decoded (any more); names it.
        RunError: The device's memory is exhausted.
        tf.errors.OpError: Any other, as it is.
    """
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise RunError(
            f"out of memory ({error.message.splitlines()[0]}); "
            "try a smaller --batch_size, --fine_size, --ngf or --ndf"
        ) from error
    except tf.errors.OpError as error:
        # TensorFlow does not say which file it was, so they are tried one by one.
        bad = find_undecodable(pairs, pair_format)
        if bad is None:
            raise
        path, reason = bad
        raise DataError(f"{path}: cannot be decoded ({reason}); replace or remove it") from error
