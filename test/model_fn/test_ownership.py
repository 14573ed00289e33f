import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig
from model_fn.step import OwnershipError, build_training_step


@pytest.fixture
def build(network, make_device, pictures):
    """Builds a step in a graph that has a variable already."""

    def run(name, trainable=True):
        with tf.Graph().as_default():
            tf.get_variable(name, [2], trainable=trainable)
            x, y = tf.constant(pictures(2, 32, 32, 1)), tf.constant(pictures(2, 32, 32, 3))
            step = tf.train.get_or_create_global_step()
            build_training_step(x, y, network, ObjectiveConfig(), make_device(), step)

    return run


@pytest.mark.parametrize("name", ["stray", "generator_2/kernel", "my/discriminator/kernel"])
def test_a_trainable_variable_of_neither_network_is_named(build, name):
    with pytest.raises(OwnershipError, match=f"must belong to one network each.*'{name}'"):
        build(name)


@pytest.mark.parametrize("name", ["discriminator", "generator"])
def test_a_variable_that_its_networks_loss_does_not_depend_on_is_named(build, name):
    message = f"^the loss of the {name} does not depend on {name}/unused$"
    with pytest.raises(OwnershipError, match=message):
        build(f"{name}/unused")


def test_a_variable_that_is_not_trained_may_be_there(build):
    build("generator/average", trainable=False)
