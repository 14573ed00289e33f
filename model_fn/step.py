"""One training step: the discriminator's update, then the generator's against the updated one."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.averages import assign_here, update_averages
from model_fn.config import check_together
from model_fn.masking import masked
from model_fn.networks.layers import as_it_is
from model_fn.networks.norms import BATCH
from model_fn.networks.registry import DISCRIMINATOR, DISCRIMINATORS, GENERATOR, GENERATORS
from model_fn.networks.spectral import SpectralNorm
from model_fn.objective.adversarial import mixing_at
from model_fn.objective.losses import NetworkLoss, record_of
from model_fn.objective.registry import OBJECTIVES
from model_fn.objective.schedules import CONSTANT, learning_rate_at
from model_fn.objective.terms import Judged, logits_of
from model_fn.operations import PLAIN

TrainingStep = namedtuple(
    "TrainingStep", ["train_op", "fake", "losses", "totals", "learning_rates"]
)
TrainingStep.__doc__ = """One step: `train_op`; `fake`, the generator's pictures; `losses`, the list
of `Term`s to be reported; `totals`, a dict of network to its loss, the discriminator's first if
there is one; and `learning_rates`, a dict of network to a number or a scalar."""


class OwnershipError(RuntimeError):
    """A trainable variable belongs to no network, or gets no gradient."""


def build_training_step(x, y, network, objective, device, global_step, weights=None):
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
        weights: float32 [batch, height, width, 1] in [0, 1], how much each pixel counts; None if
            all count the same. Where it is 0, the discriminator sees 0 in the place of both the
            target and the generator's picture.

    Returns:
        `TrainingStep`.

    Raises:
        OwnershipError: The networks do not own their variables.
        ValueError: The network and the objective do not go together.
    """
    check_together(network, objective)

    def training_dropout(activations, rate, layer_number):
        return device.dropout(activations, rate, objective.seed + layer_number, global_step)

    steps_before = global_step.read_value() if _is_watched(objective) else None
    optimizers = _Optimizers(objective, device, steps_before)
    fake = GENERATORS[network.generator].build(
        x, network, BATCH, training_dropout, device.operations
    )
    if objective.has_discriminator:
        losses, train_op = _adversarial_updates(
            x, y, fake, network, objective, device, global_step, optimizers, weights
        )
    else:
        _check_ownership()
        loss = _loss(GENERATOR, Judged(x, y, fake, weights=weights), objective)
        optimizer = optimizers.build(GENERATOR)
        train_op = _update(optimizer, loss.total, GENERATOR, global_step, steps_before)
        losses = [loss]
    if objective.average_decay:
        with tf.control_dependencies([train_op]):
            train_op = update_averages(
                owned_variables(GENERATOR),
                objective.average_decay,
                steps_before,
                global_step.read_value(),
            )
    totals = {loss.network: loss.total for loss in losses}
    return TrainingStep(train_op, fake, record_of(losses), totals, optimizers.learning_rates)


def _is_watched(objective):
    """Whether anything follows from the number of steps that were made before this one."""
    return (
        objective.schedule != CONSTANT
        or objective.average_decay
        or objective.has_penalty
        or objective.gan_after
    )


def _adversarial_updates(x, y, fake, network, objective, device, global_step, optimizers, weights):
    """Builds both updates; returns the losses, the discriminator's first, and the last op."""
    y, fake = masked(y, weights), masked(fake, weights)
    build = DISCRIMINATORS[network.discriminator].build

    def discriminate(y, spectra=None, operations=device.operations):
        constrain = as_it_is
        if network.spectral_norm:
            constrain = (spectra or SpectralNorm()).constrain
        return build(x, y, network, operations, constrain)

    spectra = SpectralNorm()
    real_verdicts = discriminate(y, spectra)
    constant_fake = tf.stop_gradient(fake)
    fake_verdicts = discriminate(constant_fake)
    _check_ownership()
    # Both before the first update: loss scales may not be made under control dependencies.
    d_optimizer, g_optimizer = optimizers.build(DISCRIMINATOR), optimizers.build(GENERATOR)
    judged = Judged(
        x,
        y,
        constant_fake,
        real_verdicts,
        fake_verdicts,
        lambda between: logits_of(discriminate(between, operations=PLAIN)),
        mixing_at(optimizers.steps_before, x.shape.as_list()[0]) if objective.has_penalty else None,
    )
    d_loss = _loss(DISCRIMINATOR, judged, objective)
    d_update = _update(d_optimizer, d_loss.total, DISCRIMINATOR)
    if spectra.updates:
        with tf.control_dependencies([d_update]):
            d_update = tf.group(*[assign_here(*update) for update in spectra.updates])
    # The device may have one overflow flag for all: nothing of the generator's may run before the
    # discriminator's update, with its reading of the flag, is over.
    with tf.control_dependencies([d_update]):
        real_verdicts = discriminate(y) if objective.feature_weight else None
        steps_before = optimizers.steps_before
        judged = Judged(
            x,
            y,
            fake,
            real_verdicts,
            discriminate(fake),
            weights=weights,
            steps_before=steps_before,
        )
        g_loss = _loss(GENERATOR, judged, objective)
        update = _update(g_optimizer, g_loss.total, GENERATOR, global_step, steps_before)
        return [d_loss, g_loss], update


def _loss(name, judged, objective):
    parts = OBJECTIVES[objective.name]
    of_network = parts.discriminator_parts if name == DISCRIMINATOR else parts.generator_parts
    return NetworkLoss(name, of_network(judged, objective))


class _Optimizers:
    """Makes each network's Adam.

    Attributes:
        steps_before: int64 scalar, steps made before this one; None where nothing follows from it.
        learning_rates: Dict of network to its learning rate, of those that were built.
    """

    def __init__(self, objective, device, steps_before):
        self._objective = objective
        self._device = device
        self.steps_before = steps_before
        self.learning_rates = {}
        self._rates = {}

    def build(self, scope):
        """Builds one network's optimizer, with its variables in a scope of its own."""
        objective, rate = self._objective, self._objective.learning_rate
        if scope == DISCRIMINATOR and objective.discriminator_learning_rate is not None:
            rate = objective.discriminator_learning_rate
        if rate not in self._rates:
            self._rates[rate] = learning_rate_at(self.steps_before, rate, objective)
        rate = self.learning_rates[scope] = self._rates[rate]
        with tf.variable_scope(f"{scope}_optimizer", use_resource=True):
            adam = tf.train.AdamOptimizer(rate, beta1=objective.beta1)
            optimizer = self._device.wrap_optimizer(adam, scope)
            # Loss scaling applies the optimizer within a condition, and what Adam made there would
            # have other names in the checkpoint than without loss scaling.
            adam._create_slots(owned_variables(scope))
            return optimizer


def _update(optimizer, loss, scope, global_step=None, steps_before=None):
    """Builds one network's update; it advances the global step, if given, once that was read."""
    gradients = optimizer.compute_gradients(loss, var_list=owned_variables(scope))
    without = [variable.op.name for gradient, variable in gradients if gradient is None]
    if without:
        raise OwnershipError(f"the loss of the {scope} does not depend on {', '.join(without)}")
    with tf.control_dependencies([] if steps_before is None else [steps_before]):
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
