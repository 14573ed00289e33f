"""Tensors to EstimatorSpec: the networks, the losses, the training step, the summaries."""

from model_fn.config import NetworkConfig, ObjectiveConfig
from model_fn.freezing import describe_ends, describe_tensor, freeze_graph_def
from model_fn.inference import INPUT, OUTPUT, build_inference_graph
from model_fn.matrix_products import BY_PRODUCTS, BY_PRODUCTS_IN_BFLOAT16
from model_fn.model import TrainingTensors, build_model_fn
from model_fn.networks.sizes import generator_depth
from model_fn.operations import PLAIN
from model_fn.shapes import trainable_shapes
from model_fn.summaries import IMAGES

__all__ = [
    "BY_PRODUCTS",
    "BY_PRODUCTS_IN_BFLOAT16",
    "IMAGES",
    "INPUT",
    "OUTPUT",
    "PLAIN",
    "NetworkConfig",
    "ObjectiveConfig",
    "TrainingTensors",
    "build_inference_graph",
    "build_model_fn",
    "describe_ends",
    "describe_tensor",
    "freeze_graph_def",
    "generator_depth",
    "trainable_shapes",
]
