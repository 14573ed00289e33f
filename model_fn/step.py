"""One training step: the discriminator's update, then the generator's against the updated one."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.networks.layers import BATCH
from model_fn.networks.patch import SCOPE as DISCRIMINATOR
from model_fn.networks.patch import discriminator
from model_fn.networks.unet import SCOPE as GENERATOR
from model_fn.networks.unet import generator
from model_fn.objective.terms import discriminator_losses, generator_losses

TrainingStep = namedtuple(
    "TrainingStep", ["train_op", "fake", "discriminator_losses", "generator_losses"]
)


class OwnershipError(RuntimeError):
    """A trainable variable belongs to no network, or gets no gradient."""


def build_training_step(x, y, network, objective, device, global_step):
    """Builds the whole step, to be run by one `session.run`.

    The discriminator reads its variables again after its update, which with resource variables
    yields the new values: the generator's gradient is that of the updated discriminator on the
    same fake pictures (paper, section 3.3). Only the generator's update advances the step.

    Args:
        x: float32 [batch, height, width, input_channels] in [-1, 1].
        y: float32 [batch, height, width, output_channels] in [-1, 1].
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.
        device: Has `operations`, `wrap_optimizer(optimizer, name)` and
            `dropout(x, rate, seed, step)`.
        global_step: The step variable.

    Returns:
        `TrainingStep`.

    Raises:
        OwnershipError: The networks do not own their variables.
    """

    def training_dropout(activations, rate, layer_number):
        return device.dropout(activations, rate, objective.seed + layer_number, global_step)

    operations = device.operations
    fake = generator(x, network, BATCH, training_dropout, operations)
    real_logits = discriminator(x, y, network, operations)
    fake_logits = discriminator(x, tf.stop_gradient(fake), network, operations)
    _check_ownership()
    # Both before the first update: loss scales may not be made under control dependencies.
    d_optimizer = _build_optimizer(DISCRIMINATOR, objective, device)
    g_optimizer = _build_optimizer(GENERATOR, objective, device)

    d_losses = discriminator_losses(real_logits, fake_logits)
    d_update = _update(d_optimizer, d_losses.total, DISCRIMINATOR, None)
    # The device may have one overflow flag for all: nothing of the generator's may run before the
    # discriminator's update, with its reading of the flag, is over.
    with tf.control_dependencies([d_update]):
        fake_logits_after = discriminator(x, fake, network, operations)
        g_losses = generator_losses(
            fake_logits_after, fake, y, objective.gan_weight, objective.l1_weight
        )
        train_op = _update(g_optimizer, g_losses.total, GENERATOR, global_step)
    return TrainingStep(train_op, fake, d_losses, g_losses)


def _build_optimizer(scope, objective, device):
    """Builds one network's optimizer, with its variables in a scope of its own."""
    with tf.variable_scope(f"{scope}_optimizer", use_resource=True):
        adam = tf.train.AdamOptimizer(objective.learning_rate, beta1=objective.beta1)
        optimizer = device.wrap_optimizer(adam, scope)
        # Loss scaling applies the optimizer within a condition, and what Adam made there would have
        # other names in the checkpoint than without loss scaling.
        adam._create_slots(owned_variables(scope))
        return optimizer


def _update(optimizer, loss, scope, global_step):
    """Builds one network's update."""
    gradients = optimizer.compute_gradients(loss, var_list=owned_variables(scope))
    without = [variable.op.name for gradient, variable in gradients if gradient is None]
    if without:
        raise OwnershipError(f"the loss of the {scope} does not depend on {', '.join(without)}")
    return optimizer.apply_gradients(gradients, global_step=global_step)


def owned_variables(scope):
    """Lists the trainable variables of one network, "generator" or "discriminator"."""
    return tf.trainable_variables(f"{scope}/")


def _check_ownership():
    owned = [
        variable.op.name
        for scope in (GENERATOR, DISCRIMINATOR)
        for variable in owned_variables(scope)
    ]
    trainable = [variable.op.name for variable in tf.trainable_variables()]
    if sorted(owned) != sorted(trainable):
        stray = sorted(set(trainable).symmetric_difference(owned))
        raise OwnershipError(f"trainable variables must belong to one network each: {stray}")
