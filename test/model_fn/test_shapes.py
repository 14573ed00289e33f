import numpy as np
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig, ObjectiveConfig, trainable_shapes


def parameters(shapes, scope):
    return sum(int(np.prod(shape)) for name, shape in shapes.items() if name.startswith(scope))


def test_all_variables_of_the_papers_networks_are_listed():
    shapes = trainable_shapes(NetworkConfig(), ObjectiveConfig())
    assert parameters(shapes, "generator/") == 54419459
    assert parameters(shapes, "discriminator/") == 2769601
    assert parameters(shapes, "") == 54419459 + 2769601
    assert shapes["generator/encoder_1/kernel"] == [4, 4, 3, 64]


def test_the_present_graph_stays_as_it_is():
    with tf.Graph().as_default() as graph:
        trainable_shapes(NetworkConfig(64, 64, generator_filters=4), ObjectiveConfig())
        assert graph.get_operations() == []
