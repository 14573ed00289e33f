"""The `model_fn` of the Estimator, one function for each mode."""

from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.inference import OUTPUT, predict
from model_fn.metrics import image_metrics, picture_scores
from model_fn.networks.patch import SCOPE as DISCRIMINATOR
from model_fn.networks.unet import SCOPE as GENERATOR
from model_fn.pictures import image_rows, shown
from model_fn.step import build_training_step, owned_variables
from model_fn.summaries import TrainingSummaries, add_to_graph, training_scalars

PICTURE = "picture"

TrainingTensors = namedtuple(
    "TrainingTensors", ["global_step", "losses", "scaling", "generator_variables"]
)
TrainingTensors.__doc__ = """What hooks may watch in training: `global_step`, an int64 scalar read
after the step's updates; `losses`, a dict of float32 scalars d_loss, g_loss, g_gan, g_l1 in this
order; `scaling`, a dict of scalars d_scale, d_skipped, g_scale, g_skipped, empty without loss
scaling; and the generator's variables."""


def build_model_fn(network, objective, device, training_hooks=None, evaluation_hooks=None):
    """Makes the `model_fn` for an Estimator.

    Args:
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.
        device: Has `wrap_optimizer(optimizer, name)`, `dropout(x, rate, seed, step)`,
            `scaling_state(name)`, `training_spec(summaries, **fields)` and
            `session_writes_summaries`.
        training_hooks: Function of `TrainingTensors` that returns a list of hooks, or None.
        evaluation_hooks: Function of uint8 rows [batch, height, 3 width, 3] (input | output |
            target) that returns a list of hooks, or None.

    Returns:
        Function of (features, labels, mode) as Estimator wants it; features["input"] and labels
        are float32 [batch, height, width, channels] in [-1, 1]. To predict, features["target"]
        may be the labels: then predictions come with their scores.
    """

    def model_fn(features, labels, mode):
        x = features["input"]
        if mode == tf.estimator.ModeKeys.TRAIN:
            return build_training_spec(x, labels, network, objective, device, training_hooks)
        if mode == tf.estimator.ModeKeys.EVAL:
            return build_evaluation_spec(x, labels, network, objective, evaluation_hooks)
        return build_prediction_spec(x, network, objective, features.get("target"))

    return model_fn


def build_training_spec(x, y, network, objective, device, training_hooks=None):
    """Builds the spec of TRAIN; arguments as for `build_model_fn`."""
    global_step = tf.train.get_or_create_global_step()
    step = build_training_step(x, y, network, objective, device, global_step)
    with tf.control_dependencies([step.train_op]):
        # A read without this may come before or after the update, and differ from run to run.
        step_after = tf.identity(global_step.read_value())
        scaling = {name: device.scaling_state(name) for name in (DISCRIMINATOR, GENERATOR)}
    d_losses, g_losses = step.discriminator_losses, step.generator_losses
    summaries = TrainingSummaries(
        step_after,
        training_scalars(step, objective.learning_rate, scaling),
        image_rows(x, shown(x, step.fake, network), shown(x, y, network)),
    )
    if device.session_writes_summaries:
        add_to_graph(summaries)
    losses = {
        "d_loss": d_losses.total,
        "g_loss": g_losses.total,
        "g_gan": g_losses.gan,
        "g_l1": g_losses.l1,
    }
    hooks = []
    if training_hooks is not None:
        hooks = training_hooks(
            TrainingTensors(
                step_after, losses, _watched_scaling(scaling), owned_variables(GENERATOR)
            )
        )
    return device.training_spec(
        summaries,
        mode=tf.estimator.ModeKeys.TRAIN,
        loss=_never_nan(d_losses.total + g_losses.total),
        train_op=step.train_op,
        training_hooks=hooks,
    )


def _watched_scaling(scaling):
    short = {"loss_scale": "scale", "skipped_steps": "skipped"}
    return {
        f"{network[0]}_{short[name]}": tensor
        for network, state in scaling.items()
        for name, tensor in state.items()
    }


def _never_nan(loss):
    """Turns NaN into infinity, on which Estimator does not act.

    On NaN it raises before any hook can say which network's loss it was, and at which step.
    """
    return tf.where(tf.is_nan(loss), tf.fill(tf.shape(loss), float("inf")), loss)


def build_evaluation_spec(x, y, network, objective, evaluation_hooks=None):
    """Builds the spec of EVAL: L1, PSNR and SSIM; arguments as for `build_model_fn`."""
    fake = shown(x, predict(x, network, objective), network)
    y = shown(x, y, network)
    hooks = [] if evaluation_hooks is None else evaluation_hooks(image_rows(x, fake, y))
    return tf.estimator.EstimatorSpec(
        mode=tf.estimator.ModeKeys.EVAL,
        loss=tf.reduce_mean(tf.abs(y - fake)),
        eval_metric_ops=image_metrics(fake, y),
        evaluation_hooks=hooks,
    )


def build_prediction_spec(x, network, objective, target=None):
    """Builds the spec of PREDICT.

    Its predictions are float32 in [-1, 1]: "output", what the generator gives, and "picture", what
    is to be shown, which differs with `network.lab` only. With targets, also "input" as it was
    given, "target" as it is to be shown, and a score [batch] for each name that `picture_scores`
    has.
    """
    fake = predict(x, network, objective)
    picture = shown(x, fake, network)
    predictions = {OUTPUT: fake, PICTURE: picture}
    if target is not None:
        target = shown(x, target, network)
        predictions.update(input=x, target=target, **picture_scores(picture, target))
    return tf.estimator.EstimatorSpec(mode=tf.estimator.ModeKeys.PREDICT, predictions=predictions)
