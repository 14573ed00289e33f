"""What reached the stand-in, in the order in which it came.

Each event is a dict with the key `event` and, beside it:

    import                 module: "npu_bridge" or "npu_bridge.npu_init"; flavour
    run_config             arguments: those that differ from their defaults
    estimator              model_dir, warm_start (a path, or None), optimizers (names of graph
                           rewrites), parameter_map: {key: [field, value]} of NpuOptimizer, where
                           the field of the proto is b, i or s
    loss_scale_manager     class, arguments
    loss_scale_optimizer   wraps: names of the classes inside it, the outermost first; manager: name
                           of its class; is_distributed
    distributed_optimizer  wraps; likewise npu_optimizer
    compute_gradients      optimizer: name of the class, label, variables
    apply_gradients        the same, and advances_global_step; from every optimizer of a chain
    overflow               label, steps: where gradients are going to overflow
    hccl                   operation, tensor: its name, and the operation's arguments
    dropout                tensor, keep_prob, shape
    broadcast              variables, root_rank: by the hook; broadcast_run: the hook has run it
    host_call              mode, tensors: their names
    training_graph         iteration_ops: names; host_only, dynamic_shapes, dtypes: names of
                           operations of the step that the device cannot run, or not in a loop
    estimator_spec         mode, type, hooks: names of the classes, the device's and the user's;
                           train_op, global_variables, local_variables: names; live: the spec itself
    plugin                 function, arguments

Labels name an optimizer by the first part of its variables' names, say "generator". `counts` has
`sunk_runs`: runs of a session that made the steps of a whole loop.
"""

import atexit
import collections
import json
import os

events = []
counts = collections.Counter()


def record(event, live=None, **details):
    """Adds an event; `live` is kept for readers in this process and not written."""
    entry = {"event": event, **details}
    if live is not None:
        entry["live"] = live
    events.append(entry)


def of(event):
    """Lists the events of one kind."""
    return [entry for entry in events if entry["event"] == event]


def clear():
    """Forgets everything."""
    del events[:]
    counts.clear()


def dump(path):
    """Writes everything as JSON."""
    written = [{key: value for key, value in entry.items() if key != "live"} for entry in events]
    with open(path, "w") as file:
        json.dump({"events": written, "counts": counts}, file, indent=1, default=_as_text)


def _as_text(value):
    return value.decode() if isinstance(value, bytes) else repr(value)


if os.environ.get("NPU_STANDIN_RECORD"):
    atexit.register(
        dump, os.environ["NPU_STANDIN_RECORD"].replace("{rank}", os.environ.get("RANK_ID", "alone"))
    )
