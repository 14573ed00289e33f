"""The `model_fn` of the Estimator, one function for each mode."""

import functools
import operator
from collections import namedtuple

import tensorflow.compat.v1 as tf

from model_fn.inference import OUTPUT, predict, predicting_variables
from model_fn.masking import weighted_mean
from model_fn.metrics import image_metrics, picture_scores
from model_fn.step import build_training_step
from model_fn.summaries import TrainingSummaries, add_to_graph, training_scalars

PICTURE, WEIGHTS = "picture", "weights"

TrainingTensors = namedtuple(
    "TrainingTensors", ["global_step", "losses", "totals", "scaling", "generator_variables"]
)
TrainingTensors.__doc__ = """What hooks may watch in training: `global_step`, an int64 scalar read
after the step's updates; `losses`, the list of `Term`s to be reported; `totals`, a dict of network
to its loss; `scaling`, a dict of network to a dict of the scalars loss_scale and skipped_steps,
which is empty without loss scaling; and the variables of the generator that predicts, which are
those of its average if there is one."""


def build_model_fn(
    network,
    objective,
    device,
    presentation,
    training_hooks=None,
    evaluation_hooks=None,
    initialise=None,
    prediction_dtype=tf.float32,
):
    """Makes the `model_fn` for an Estimator.

    Args:
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.
        device: Has `operations`, `wrap_optimizer(optimizer, name)`,
            `dropout(x, rate, seed, step)`, `scaling_state(name)`,
            `training_spec(summaries, **fields)` and `session_writes_summaries`. Training alone
            needs it; None elsewhere.
        presentation: Has `shown(x, y)`, from input and output or target, float32 [batch, height,
            width, channels] in [-1, 1], to what is shown, likewise; `shown_input(x)`, the
            same of the input; `levels(picture)`, from what is shown to uint8; and
            `rows(x, fake, y)`, from input and what is shown to uint8 [batch, height, 3 width, 3].
        training_hooks: Function of `TrainingTensors` that returns a list of hooks, or None.
        evaluation_hooks: Function of uint8 rows [batch, height, 3 width, 3] (input | output |
            target) that returns a list of hooks, or None.
        initialise: Function of the trainable variables that sets how a new run begins with them,
            or None to leave that to the networks.
        prediction_dtype: In which PREDICT computes convolutions; scores are float32, as is EVAL.

    Returns:
        Function of (features, labels, mode) as Estimator wants it; features["input"] and labels
        are float32 [batch, height, width, channels] in [-1, 1]. To predict, features["target"]
        may be the labels: then predictions come with their scores. features["weights"], float32
        [batch, height, width, 1] in [0, 1], may say how much each pixel counts.
    """

    def model_fn(features, labels, mode):
        x, weights = features["input"], features.get(WEIGHTS)
        if mode == tf.estimator.ModeKeys.TRAIN:
            return build_training_spec(
                x,
                labels,
                network,
                objective,
                device,
                presentation,
                training_hooks,
                initialise,
                weights,
            )
        if mode == tf.estimator.ModeKeys.EVAL:
            return build_evaluation_spec(
                x, labels, network, objective, presentation, evaluation_hooks, weights
            )
        target = features.get("target")
        return build_prediction_spec(
            x, network, objective, presentation, target, weights, prediction_dtype
        )

    return model_fn


def build_training_spec(
    x,
    y,
    network,
    objective,
    device,
    presentation,
    training_hooks=None,
    initialise=None,
    weights=None,
):
    """Builds the spec of TRAIN; arguments as for `build_model_fn`."""
    global_step = tf.train.get_or_create_global_step()
    step = build_training_step(x, y, network, objective, device, global_step, weights)
    if initialise is not None:
        initialise(tf.trainable_variables())
    with tf.control_dependencies([step.train_op]):
        # A read without this may come before or after the update, and differ from run to run.
        step_after = tf.identity(global_step.read_value())
        scaling = {name: device.scaling_state(name) for name in step.totals}
    summaries = TrainingSummaries(
        step_after,
        training_scalars(step.losses, step.learning_rates, scaling),
        presentation.rows(x, presentation.shown(x, step.fake), presentation.shown(x, y)),
    )
    if device.session_writes_summaries:
        add_to_graph(summaries)
    hooks = []
    if training_hooks is not None:
        hooks = training_hooks(
            TrainingTensors(
                step_after,
                step.losses,
                step.totals,
                scaling,
                predicting_variables(objective),
            )
        )
    return device.training_spec(
        summaries,
        mode=tf.estimator.ModeKeys.TRAIN,
        loss=_never_nan(functools.reduce(operator.add, step.totals.values())),
        train_op=step.train_op,
        training_hooks=hooks,
    )


def _never_nan(loss):
    """Turns NaN into infinity, on which Estimator does not act.

    On NaN it raises before any hook can say which network's loss it was, and at which step. Nothing
    is less than infinity that is NaN; `tf.is_nan` itself an NPU's core leaves to its slow helper.
    """
    infinity = tf.fill(tf.shape(loss), float("inf"))
    return tf.where(tf.less(loss, infinity), loss, infinity)


def build_evaluation_spec(
    x, y, network, objective, presentation, evaluation_hooks=None, weights=None
):
    """Builds the spec of EVAL: L1, PSNR and SSIM; arguments as for `build_model_fn`."""
    fake = presentation.shown(x, predict(x, network, objective))
    y = presentation.shown(x, y)
    hooks = [] if evaluation_hooks is None else evaluation_hooks(presentation.rows(x, fake, y))
    return tf.estimator.EstimatorSpec(
        mode=tf.estimator.ModeKeys.EVAL,
        loss=weighted_mean(tf.abs(y - fake), weights),
        eval_metric_ops=image_metrics(fake, y, weights),
        evaluation_hooks=hooks,
    )


def build_prediction_spec(
    x, network, objective, presentation, target=None, weights=None, dtype=tf.float32
):
    """Builds the spec of PREDICT.

    Its predictions are float32 in [-1, 1]: "output", what the generator gives, and "picture", what
    is to be shown; and "picture_levels", the same as uint8. With targets, also "input" and "target"
    as they are to be shown, both with their "_levels", and a score [batch] for each name that
    `picture_scores` has; and "weights", if there are some. `dtype` is that of `predict`.
    """
    fake = predict(x, network, objective, dtype=dtype)
    pictures = {PICTURE: presentation.shown(x, fake)}
    scores = {}
    if target is not None:
        pictures.update(input=presentation.shown_input(x), target=presentation.shown(x, target))
        scores = picture_scores(pictures[PICTURE], pictures["target"], weights)
        if weights is not None:
            scores[WEIGHTS] = weights
    levels = {f"{name}_levels": presentation.levels(each) for name, each in pictures.items()}
    return tf.estimator.EstimatorSpec(
        mode=tf.estimator.ModeKeys.PREDICT,
        predictions={OUTPUT: fake, **pictures, **levels, **scores},
    )
