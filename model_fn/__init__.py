"""Tensors to EstimatorSpec: the networks, the losses, the training step, the summaries."""

from model_fn.config import NetworkConfig, ObjectiveConfig, check_together
from model_fn.freezing import become_constant, describe_ends, describe_tensor, freeze_graph_def
from model_fn.inference import (
    INPUT,
    MEASURED,
    OUTPUT,
    STATISTICS,
    build_inference_graph,
    predicting_scope,
    statistics_channels,
)
from model_fn.matrix_products import BY_PRODUCTS, BY_PRODUCTS_IN_BFLOAT16, recorded
from model_fn.model import TrainingTensors, build_model_fn
from model_fn.networks.initialisation import INITIALISERS
from model_fn.networks.norms import NO_NORM, NORMS
from model_fn.networks.registry import DISCRIMINATORS, GENERATORS
from model_fn.networks.sizes import SizeError, generator_depth
from model_fn.networks.statistics import OF_ALL, OF_EACH
from model_fn.networks.unet import UPSAMPLINGS
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.schedules import SCHEDULES
from model_fn.objective.terms import CROSS_ENTROPY, L1
from model_fn.operations import PLAIN
from model_fn.shapes import trainable_shapes
from model_fn.summaries import IMAGES

__all__ = [
    "BY_PRODUCTS",
    "BY_PRODUCTS_IN_BFLOAT16",
    "CROSS_ENTROPY",
    "DISCRIMINATORS",
    "GENERATORS",
    "IMAGES",
    "INITIALISERS",
    "INPUT",
    "L1",
    "MEASURED",
    "NORMS",
    "NO_NORM",
    "OBJECTIVES",
    "OF_ALL",
    "OF_EACH",
    "OUTPUT",
    "PLAIN",
    "SCHEDULES",
    "STATISTICS",
    "UPSAMPLINGS",
    "NetworkConfig",
    "ObjectiveConfig",
    "SizeError",
    "TrainingTensors",
    "become_constant",
    "build_inference_graph",
    "build_model_fn",
    "check_together",
    "describe_ends",
    "describe_tensor",
    "freeze_graph_def",
    "generator_depth",
    "predicting_scope",
    "recorded",
    "statistics_channels",
    "trainable_shapes",
]
