"""Tensors to EstimatorSpec: the networks, the losses, the training step, the summaries."""

from model_fn.config import NetworkConfig, ObjectiveConfig
from model_fn.inference import build_inference_graph
from model_fn.matrix_products import BY_PRODUCTS, BY_PRODUCTS_IN_BFLOAT16
from model_fn.model import TrainingTensors, build_model_fn
from model_fn.networks.sizes import generator_depth
from model_fn.operations import PLAIN
from model_fn.pictures import to_uint8
from model_fn.summaries import IMAGES

__all__ = [
    "BY_PRODUCTS",
    "BY_PRODUCTS_IN_BFLOAT16",
    "IMAGES",
    "PLAIN",
    "NetworkConfig",
    "ObjectiveConfig",
    "TrainingTensors",
    "build_inference_graph",
    "build_model_fn",
    "generator_depth",
    "to_uint8",
]
