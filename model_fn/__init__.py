"""Tensors to EstimatorSpec: the networks, the losses, the training step, the summaries."""

from model_fn.config import NetworkConfig, ObjectiveConfig, check_together
from model_fn.freezing import become_constant, describe_ends, describe_tensor, freeze_graph_def
from model_fn.inference import INPUT, OUTPUT, build_inference_graph, predicting_scope
from model_fn.matrix_products import BY_PRODUCTS, BY_PRODUCTS_IN_BFLOAT16
from model_fn.model import TrainingTensors, build_model_fn
from model_fn.networks.initialisation import INITIALISERS
from model_fn.networks.norms import NORMS
from model_fn.networks.registry import DISCRIMINATORS, GENERATORS
from model_fn.networks.sizes import SizeError, generator_depth
from model_fn.networks.unet import UPSAMPLINGS
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.schedules import SCHEDULES
from model_fn.operations import PLAIN
from model_fn.shapes import trainable_shapes
from model_fn.summaries import IMAGES

__all__ = [
    "BY_PRODUCTS",
    "BY_PRODUCTS_IN_BFLOAT16",
    "DISCRIMINATORS",
    "GENERATORS",
    "IMAGES",
    "INITIALISERS",
    "INPUT",
    "NORMS",
    "OBJECTIVES",
    "OUTPUT",
    "PLAIN",
    "SCHEDULES",
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
    "trainable_shapes",
]
