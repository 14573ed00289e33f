"""How many graphs a training has: the device compiles one for each set of what is fetched."""

import tensorflow.compat.v1 as tf

from npu_standin.recording import counts

_COLLECTION = "npu_standin_train_op"


def is_step(train_op):
    """Says by which operation a run in a session is a training step."""
    tf.add_to_collection(_COLLECTION, train_op)


def watch(session):
    """Counts, as `training_graphs`, the different sets that are fetched with the training step.

    Only this session object is changed, never the class.
    """
    run_unwatched, seen = session.run, set()
    steps = session.graph.get_collection(_COLLECTION)

    def run(fetches, feed_dict=None, options=None, run_metadata=None):
        fetched = _flat(fetches)
        if any(fetch in steps for fetch in fetched if isinstance(fetch, tf.Operation)):
            seen.add(frozenset(getattr(fetch, "name", fetch) for fetch in fetched))
            counts["training_graphs"] = len(seen)
        return run_unwatched(fetches, feed_dict, options, run_metadata)

    session.run = run


def _flat(fetches):
    """Lists all that is fetched; by TensorFlow's own, dicts would need keys that can be sorted."""
    if isinstance(fetches, dict):
        fetches = list(fetches.values())
    if isinstance(fetches, (list, tuple)):
        return [each for part in fetches for each in _flat(part)]
    return [] if fetches is None else [fetches]
