"""SessionRunHooks: throughput, progress, evaluation, frozen graphs, a watch on the losses."""

from hooks.clock import PauseForCheckpoint, TrainingClock
from hooks.evaluation import EvaluationHook, ImageRowsHook
from hooks.files import write_bytes_atomically, write_json_atomically
from hooks.finite import FiniteLossHook, NonFiniteLossError
from hooks.frozen_graph import (
    FrozenGraphHook,
    describe_tensor,
    freeze_graph_def,
    write_frozen_graph,
)
from hooks.progress import ProgressHook
from hooks.throughput import ThroughputHook

__all__ = [
    "EvaluationHook",
    "FiniteLossHook",
    "FrozenGraphHook",
    "ImageRowsHook",
    "NonFiniteLossError",
    "PauseForCheckpoint",
    "ProgressHook",
    "ThroughputHook",
    "TrainingClock",
    "describe_tensor",
    "freeze_graph_def",
    "write_bytes_atomically",
    "write_frozen_graph",
    "write_json_atomically",
]
