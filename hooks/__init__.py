"""SessionRunHooks: throughput, progress, evaluation, frozen graphs, a watch on the losses."""

from hooks.clock import PauseForCheckpoint, TrainingClock
from hooks.evaluation import EvaluationHook, ImageRowsHook
from hooks.finite import FiniteLossHook, NonFiniteLossError
from hooks.frozen_graph import FrozenGraphHook
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
]
