"""SessionRunHooks: throughput, progress, evaluation, frozen graphs, a watch on the losses."""

from hooks.bar import BarHook
from hooks.clock import PauseForCheckpoint, TrainingClock
from hooks.evaluation import EvaluationHook, ImageRowsHook
from hooks.finite import FiniteLossHook, FiniteWeights, NonFiniteLossError
from hooks.frozen_graph import FrozenGraphHook
from hooks.heartbeat import HeartbeatHook
from hooks.overflow import OverflowHook
from hooks.pictures import PictureSummaryHook
from hooks.progress import ProgressHook
from hooks.saving import CallBeforeSave, CheckpointHook
from hooks.stop import StopHook
from hooks.throughput import ThroughputHook

__all__ = [
    "BarHook",
    "CallBeforeSave",
    "CheckpointHook",
    "EvaluationHook",
    "FiniteLossHook",
    "FiniteWeights",
    "FrozenGraphHook",
    "HeartbeatHook",
    "ImageRowsHook",
    "NonFiniteLossError",
    "OverflowHook",
    "PauseForCheckpoint",
    "PictureSummaryHook",
    "ProgressHook",
    "StopHook",
    "ThroughputHook",
    "TrainingClock",
]
