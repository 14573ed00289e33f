"""One training step: the discriminator's update, then the generator's against the updated one."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.networks.norms import BATCH
from model_fn.networks.registry import DISCRIMINATOR, DISCRIMINATORS, GENERATOR, GENERATORS
from model_fn.objective.losses import NetworkLoss, record_of
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.terms import Judged

TrainingStep = namedtuple("TrainingStep", ["train_op", "fake", "losses", "totals"])
TrainingStep.__doc__ = """One step: `train_op`; `fake`, the generator's pictures; `losses`, the list
of `Term`s to be reported; and `totals`, a dict of network to its loss."""


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
    discriminate = DISCRIMINATORS[network.discriminator].build
    parts = OBJECTIVES[objective.name]
    fake = GENERATORS[network.generator].build(x, network, BATCH, training_dropout, operations)
    real_logits = discriminate(x, y, network, operations)
    fake_logits = discriminate(x, tf.stop_gradient(fake), network, operations)
    _check_ownership()
    # Both before the first update: loss scales may not be made under control dependencies.
    d_optimizer = _build_optimizer(DISCRIMINATOR, objective, device)
    g_optimizer = _build_optimizer(GENERATOR, objective, device)

    judged = Judged(x, y, fake, real_logits, fake_logits)
    d_loss = NetworkLoss(DISCRIMINATOR, parts.discriminator_parts(judged, objective))
    d_update = _update(d_optimizer, d_loss.total, DISCRIMINATOR, None)
    # The device may have one overflow flag for all: nothing of the generator's may run before the
    # discriminator's update, with its reading of the flag, is over.
    with tf.control_dependencies([d_update]):
        judged = Judged(x, y, fake, None, discriminate(x, fake, network, operations))
        g_loss = NetworkLoss(GENERATOR, parts.generator_parts(judged, objective))
        train_op = _update(g_optimizer, g_loss.total, GENERATOR, global_step)
    totals = {loss.network: loss.total for loss in (d_loss, g_loss)}
    return TrainingStep(train_op, fake, record_of([d_loss, g_loss]), totals)


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
